/**
 * The longest string a command may build (SETRANGE, SETBIT, APPEND, BITOP …). Redis' own limit is 512 MB; here a string lies on the heap
 * of the thread, is copied when it changes, and must leave room for others.
 */
export const STRING_BYTES_MAX = 64 * 1024 * 1024

/** The most members one answer repeats (SRANDMEMBER, HRANDFIELD, ZRANDMEMBER with a negative count). */
export const REPEATS_MAX = 1024 * 1024

/** Bits that can be asked for are numbered as in Redis' longest string, 512 MB. */
export const READABLE_BITS = 2 ** 32
