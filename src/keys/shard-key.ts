/**
 * A shard key in its one canonical form, so that `===` means "the same key" (within one key type):
 * - integers within ±(2^53 - 1) as number, never -0; integers beyond as bigint. Not all as bigint:
 *   a look-up by hash takes 30 ns with numbers and 70 with bigints (bench/routing.ts), and making a
 *   bigint of a number another 15;
 * - strings without trailing spaces;
 * - UUIDs as 32 lower case hexadecimal digits;
 * - binary as lower case hexadecimal digits, without trailing zero bytes.
 */
export type ShardKey = number | bigint | string
