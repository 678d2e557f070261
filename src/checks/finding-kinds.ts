export type Severity = 'error' | 'warning' | 'note'

interface FindingKind {
  /** `error`: answers may be wrong, or statements fail. `warning`: works now, fails or misleads one day. `note`: worth to know. */
  readonly severity: Severity
  /** What to do, unless the finding itself knows better. */
  readonly remedy: string
}

/** Everything `sherd check` may find, by name; docs/cli.md lists them, and a test holds the two together. */
export const findingKinds = {
  'server-unreachable': {
    severity: 'error',
    remedy: 'Start the server, or mend its address, user and password in the config.',
  },
  'server-silent': {
    severity: 'error',
    remedy: 'Look at what the server is busy with, or give it more time with --timeout.',
  },
  'server-mode': {
    severity: 'error',
    remedy: 'sherd refuses connections to this server: mend its settings, or options.sqlMode of the config.',
  },
  'primary-read-only': {
    severity: 'error',
    remedy: 'SET GLOBAL read_only = 0 if this is the primary; otherwise name the right one in the config.',
  },
  'replica-writable': {
    severity: 'warning',
    remedy: 'SET GLOBAL read_only = 1 on the replica, and in its option file.',
  },
  'replica-is-primary': {
    severity: 'error',
    remedy: 'Give the address of the replica, or take it out of `replicas`.',
  },
  'replica-follows-nobody': {
    severity: 'error',
    remedy: 'Set it up with CHANGE MASTER TO … MASTER_USE_GTID = slave_pos, or take it out of `replicas`.',
  },
  'replica-follows-another': {
    severity: 'error',
    remedy: 'Let it follow the primary beside which it stands in the config, or move it there.',
  },
  'replica-stopped': {
    severity: 'error',
    remedy: 'SHOW ALL SLAVES STATUS on the replica tells why; mend that, then START SLAVE.',
  },
  'replica-without-gtid': {
    severity: 'warning',
    remedy: 'STOP SLAVE; CHANGE MASTER TO MASTER_USE_GTID = slave_pos; START SLAVE.',
  },
  'replication-not-visible': {
    severity: 'note',
    remedy: 'GRANT SLAVE MONITOR ON *.* (MySQL: REPLICATION CLIENT) to the user, to have it checked.',
  },
  'binary-log-off': {
    severity: 'error',
    remedy: 'Start the server with log_bin and gtid_strict_mode (MySQL: gtid_mode = ON).',
  },
  'replica-log-off': {
    severity: 'warning',
    remedy: 'Start it with log_bin and log_slave_updates, so that it can take the place of its primary.',
  },
  'gtid-domain-shared': {
    severity: 'warning',
    remedy: 'Give each primary, with its replicas, a gtid_domain_id of its own.',
  },
  'server-id-shared': { severity: 'error', remedy: 'Give each server a server_id of its own.' },
  'session-tracking-off': {
    severity: 'error',
    remedy:
      'Connect past the proxy that drops it: session_track_system_variables needs last_gtid (MySQL: session_track_gtids = OWN_GTID).',
  },
  'sql-mode-differs': {
    severity: 'error',
    remedy: 'Set one sql_mode on all servers, or options.sqlMode in the config for all.',
  },
  'sql-mode-not-strict': {
    severity: 'error',
    remedy: "Add STRICT_TRANS_TABLES to the server's sql_mode, or set options.sqlMode in the config.",
  },
  'character-set': {
    severity: 'warning',
    remedy: 'ALTER DATABASE … CHARACTER SET utf8mb4, and convert its tables.',
  },
  'database-collation-differs': {
    severity: 'error',
    remedy:
      'ALTER DATABASE … COLLATE …, so that all logical shards have the same; and look at their columns.',
  },
  'connections-overrun': {
    severity: 'warning',
    remedy:
      'Lower connectionLimit or preparedStatementLimit, run fewer processes, or raise max_connections or max_prepared_stmt_count.',
  },
  'lock-wait-long': {
    severity: 'warning',
    remedy: 'Set innodb_lock_wait_timeout to some seconds, 50 at most.',
  },
  'idle-timeout-long': {
    severity: 'warning',
    remedy: "Set idleTimeoutMs below the server's wait_timeout, or raise wait_timeout.",
  },
  'time-zone-differs': {
    severity: 'error',
    remedy: 'Set one time_zone on all servers, best +00:00.',
  },
  'time-zone-tables-missing': {
    severity: 'error',
    remedy: 'Load the time zones: mariadb-tzinfo-to-sql /usr/share/zoneinfo | mariadb mysql.',
  },
  'lower-case-names-differ': {
    severity: 'error',
    remedy: 'Set up the servers with one lower_case_table_names; it cannot be changed later.',
  },
  'clock-differs': { severity: 'warning', remedy: 'Let NTP (chrony) set the clocks of all machines.' },
  'privilege-missing': {
    severity: 'error',
    remedy: 'GRANT it to the user of the config.',
  },
  'schema-privilege-missing': {
    severity: 'note',
    remedy: 'Run migrations with a config whose user has it.',
  },
  'xa-tables-missing': {
    severity: 'error',
    remedy: 'Call sherd.createDatabases() once, with a user that may create the database `sherd`.',
  },
  'logical-database-missing': {
    severity: 'error',
    remedy: 'Create it with sherd.createDatabases(), or name the server that has it in the config.',
  },
  'logical-database-elsewhere': {
    severity: 'warning',
    remedy:
      'Find out which of the two has the rows. If the config is right, drop the other one; otherwise list `logicalShards` at the servers.',
  },
  'database-missing': {
    severity: 'error',
    remedy: 'Create it, or mend the URL in the config.',
  },
  'table-missing': {
    severity: 'error',
    remedy: 'Create it there (sherd migrate), or take it out of `tables`.',
  },
  'columns-differ': {
    severity: 'error',
    remedy: 'Bring the table to one definition everywhere (sherd migrate).',
  },
  'indexes-differ': {
    severity: 'warning',
    remedy: 'Bring the table to one definition everywhere (sherd migrate).',
  },
  'column-order': {
    severity: 'error',
    remedy: 'List the columns in the order of SHOW COLUMNS, or take `columns` out.',
  },
  'table-undeclared': {
    severity: 'warning',
    remedy: 'Declare it in `tables`, or drop it: statements on it go to the database `default`.',
  },
  'table-left-behind': {
    severity: 'note',
    remedy: 'Drop it once its rows are on the logical shards; statements never reach it.',
  },
  'engine-without-transactions': { severity: 'error', remedy: 'ALTER TABLE … ENGINE = InnoDB.' },
  'shard-key-missing': {
    severity: 'error',
    remedy: 'Add the column, or name the right one in `tables`.',
  },
  'shard-key-nullable': { severity: 'error', remedy: 'Make the column NOT NULL.' },
  'shard-key-generated': {
    severity: 'error',
    remedy: 'Make it a plain column: INSERT has to give the shard key.',
  },
  'shard-key-type': {
    severity: 'error',
    remedy: 'Change the type of the column, or keyType of the table.',
  },
  'shard-key-collation': {
    severity: 'error',
    remedy: 'Give the column a binary collation such as utf8mb4_bin.',
  },
  'shard-key-narrow': {
    severity: 'warning',
    remedy: 'Give the shard key one type, the widest, in all tables of the group.',
  },
  'shard-key-unindexed': {
    severity: 'warning',
    remedy: 'Begin the primary key or another index with the shard key.',
  },
  'primary-key-missing': {
    severity: 'warning',
    remedy: 'Give the table a primary key that begins with the shard key.',
  },
  'unique-key-without-shard-key': {
    severity: 'error',
    remedy:
      'Add the shard key to it, or declare its column in `ids`. If its values are unique by themselves, as UUIDs are, --ignore it.',
  },
  'auto-increment': {
    severity: 'error',
    remedy: 'Make ids with sherd/ids, or take the shard key into the primary key, before the counted column.',
  },
  'id-column-missing': { severity: 'error', remedy: 'Add the column, or take it out of `ids`.' },
  'id-column-type': { severity: 'error', remedy: 'Make it BIGINT.' },
  'foreign-key-refused': {
    severity: 'error',
    remedy:
      'Drop the constraint, or take the shard key into it: (user_id, order_id) REFERENCES orders (user_id, id).',
  },
  'reference-key-missing': {
    severity: 'error',
    remedy: 'Give the source a primary key, or a unique key of NOT NULL columns, and the copies the same.',
  },
  'reference-copy-differs': {
    severity: 'error',
    remedy: 'Bring source and copies to one definition (sherd migrate).',
  },
  'reference-cursor': {
    severity: 'error',
    remedy: 'Make it DATETIME(6) or TIMESTAMP(6) NOT NULL, or take `cursor` out.',
  },
  'reference-cursor-unindexed': {
    severity: 'warning',
    remedy: 'Add an index that begins with the cursor.',
  },
  'reference-tombstone-missing': {
    severity: 'error',
    remedy: 'Add the column, or take `deletes` out.',
  },
  'directory-table': {
    severity: 'error',
    remedy: 'Create it with the key as its primary key, or mend `routing` in the config.',
  },
  'sqlite-in-memory': {
    severity: 'note',
    remedy: 'Check a config with files, or in your tests with openTestSherd.',
  },
} as const satisfies Record<string, FindingKind>

export type FindingName = keyof typeof findingKinds
