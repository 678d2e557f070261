/**
 * Sizes of the files InnoDB makes at install time; a server must be started with the same ones.
 * Without the small increment ibdata1 grows to 70 MB at once (MariaDB 10.11).
 */
export const dataFileFlags: readonly string[] = [
  '--innodb-log-file-size=4M',
  '--innodb-data-file-path=ibdata1:5M:autoextend',
  '--innodb-autoextend-increment=1',
]

/**
 * A small server that forgets nothing when its process is killed and much when the machine is: 35 MiB
 * instead of 100, ready in 0.15 s. Less than 6 MiB of buffer pool is refused by MariaDB.
 */
const smallServerFlags: readonly string[] = [
  '--innodb-buffer-pool-size=16M',
  '--innodb-buffer-pool-chunk-size=1M',
  '--innodb-log-buffer-size=2M',
  '--innodb-flush-log-at-trx-commit=2',
  '--sync-binlog=0',
  '--innodb-buffer-pool-dump-at-shutdown=0',
  '--innodb-buffer-pool-load-at-startup=0',
  '--innodb-fast-shutdown=2',
  '--key-buffer-size=256K',
  '--aria-pagecache-buffer-size=1M',
  '--aria-log-file-size=8M',
  '--performance-schema=0',
  '--max-connections=200',
  '--thread-cache-size=4',
  '--table-open-cache=400',
  '--query-cache-type=0',
]

/** What sherd asks of a server: row format, GTIDs reported to the client, full Unicode. */
const behaviourFlags: readonly string[] = [
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--log-bin=bin',
  '--binlog-format=ROW',
  '--log-slave-updates=1',
  '--gtid-strict-mode=0',
  '--session-track-system-variables=last_gtid',
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_unicode_ci',
]

/** One server's place and identity. */
export interface ServerIdentity {
  readonly name: string
  readonly directory: string
  readonly socket: string
  readonly initFile: string
  readonly serverId: number
  /** A primary and its replicas share one; two primaries never do. */
  readonly gtidDomainId: number
  readonly isReplica: boolean
}

/** The command line of one server, without the program. `--no-defaults` must be first. */
export function listFlags(
  identity: ServerIdentity,
  port: number,
  extraFlags: readonly string[],
): readonly string[] {
  return [
    '--no-defaults',
    `--datadir=${identity.directory}`,
    // A server that starts deletes all temporary tables it finds there, another server's too (MariaDB 10.11).
    `--tmpdir=${identity.directory}`,
    `--socket=${identity.socket}`,
    `--pid-file=${identity.directory}/server.pid`,
    `--init-file=${identity.initFile}`,
    `--port=${port}`,
    `--server-id=${identity.serverId}`,
    `--gtid-domain-id=${identity.gtidDomainId}`,
    ...dataFileFlags,
    ...smallServerFlags,
    ...behaviourFlags,
    ...(identity.isReplica ? ['--read-only=1'] : []),
    ...extraFlags,
  ]
}
