/**
 * What a call tells the planner. Names are lower case. Lists, because a stored function may do anything:
 * a name that stands in none of them proves nothing.
 */

/** Functions whose answer hangs on the connection they run on, or that change something there. */
export const sessionFunctions: ReadonlySet<string> = new Set([
  'changes',
  'connection_id',
  'current_role',
  'current_user',
  'database',
  'found_rows',
  'get_lock',
  'is_free_lock',
  'is_used_lock',
  'last_insert_id',
  'last_insert_rowid',
  'lastval',
  'load_extension',
  'load_file',
  'master_gtid_wait',
  'master_pos_wait',
  'nextval',
  'ps_current_thread_id',
  'release_all_locks',
  'release_lock',
  'row_count',
  'schema',
  'session_user',
  'setval',
  'source_pos_wait',
  'system_user',
  'total_changes',
  'user',
  'wait_for_executed_gtid_set',
])

/** Functions over several rows: a statement with one cannot be cut into shards whose rows are simply joined. */
export const aggregateFunctions: ReadonlySet<string> = new Set(
  `any_value avg bit_and bit_or bit_xor count group_concat json_arrayagg json_group_array json_group_object
  json_objectagg max min std stddev stddev_pop stddev_samp string_agg sum total var_pop var_samp variance`.split(
    /\s+/u,
  ),
)

/** Functions of their arguments alone (or of the clock or chance), one row at a time. */
export const rowFunctions: ReadonlySet<string> = new Set(
  `abs acos adddate addtime aes_decrypt aes_encrypt ascii asin atan atan2 benchmark bin bin_to_uuid binary bit_count
  bit_length cast ceil ceiling char char_length character_length chr coalesce coercibility collation compress
  concat concat_ws conv convert convert_tz cos cot crc32 curdate current_date current_time current_timestamp
  curtime date date_add date_format date_sub datediff datetime day dayname dayofmonth dayofweek dayofyear
  decode_histogram degrees elt exp export_set extract extractvalue field find_in_set floor format from_base64
  from_days from_unixtime geometryfromtext get_format glob greatest hex hour if ifnull iif inet6_aton
  inet6_ntoa inet_aton inet_ntoa insert instr interval is_ipv4 is_ipv6 is_uuid isnull json json_array
  json_array_append json_array_insert json_array_length json_compact json_contains json_contains_path
  json_depth json_each json_exists json_extract json_insert json_keys json_length json_loose json_merge
  json_merge_patch json_merge_preserve json_object json_overlaps json_pretty json_query json_quote
  json_remove json_replace json_schema_valid json_search json_set json_table json_tree json_type
  json_unquote json_valid json_value julianday last_day lcase least left length like likelihood likely ln
  localtime localtimestamp locate log log10 log2 lower lpad ltrim make_set makedate maketime match md5
  microsecond mid minute mod month monthname natural_sort_key now nullif nvl nvl2 oct octet_length ord
  period_add period_diff pi point polygon position pow power printf quarter quote radians rand random
  random_bytes randomblob regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right
  round rpad rtrim sec_to_time second sformat sha sha1 sha2 sign sin sleep soundex space sqrt st_area st_asgeojson
  st_astext st_aswkb st_buffer st_contains st_distance st_distance_sphere st_geomfromtext st_intersects
  st_within st_x st_y str_to_date strcmp strftime subdate substr substring substring_index subtime sysdate
  tan time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_char to_days
  to_seconds trim truncate typeof ucase unhex unicode unix_timestamp unixepoch unlikely upper utc_date
  utc_time utc_timestamp uuid uuid_short uuid_to_bin values version week weekday weekofyear weight_string
  year yearweek`.split(/\s+/u),
)

/**
 * Functions of chance, or of the moment a row is reached: their sequence goes over all rows of a statement, so
 * a write with one is not split. NOW() and its kin are the time of each shard's own part, as ON UPDATE CURRENT_TIMESTAMP is.
 */
export const chanceFunctions: ReadonlySet<string> = new Set(
  'rand random random_bytes randomblob sysdate uuid uuid_short'.split(' '),
)

/** Window functions that are no aggregates. */
export const windowFunctions: ReadonlySet<string> = new Set(
  'cume_dist dense_rank first_value lag last_value lead median nth_value ntile percent_rank percentile_cont percentile_disc rank row_number'.split(
    ' ',
  ),
)
