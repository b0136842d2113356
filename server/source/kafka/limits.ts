/** Every bound of reading Kafka, in one place. */

export const CLIENT_ID = 'sluice'

export const CONNECT_MS = 3_000
export const HANDSHAKE_MS = 3_000
/** A broker that owes an answer and says nothing for this long is taken for silent. */
export const SILENCE_MS = 2_000
/** A whole refresh, a little below the collector's own 5 s: what came in until then is still worth a snapshot. */
export const CYCLE_MS = 4_500
/** The next bootstrap broker is tried beside one that has not answered for this long. */
export const STAGGER_MS = 400
/** A broker that failed while others work is left alone for a while: doubling from the first to the last. */
export const RETRY_FIRST_MS = 2_000
export const RETRY_LAST_MS = 30_000

/** Before we know whom we talk to (`trust.md` 16). */
export const HANDSHAKE_BYTES_MAX = 64 * 1024
export const FRAME_BYTES_MAX = 32 * 1024 * 1024
/** Connections that an answer can make us open; the largest clusters have a few hundred brokers. */
export const BROKERS_MAX = 1_000
/** Kinds of failure told apart in one snapshot. */
export const GAPS_MAX = 100
/** Metadata of 10,000 partitions is about 0.5 MB. Beyond this many bytes per second of reading it is asked more rarely. */
export const METADATA_BYTES_PER_S = 20_000
export const METADATA_EVERY_MS_MAX = 60_000
export const LOG_DIRS_EVERY_MS = 60_000

/** Members described in one refresh: about 1 KB each. */
export const MEMBERS_PER_CYCLE = 2_000
export const GROUPS_PER_DESCRIBE = 500
/** How long a description stands when the state of its group does not change. */
export const DESCRIPTION_MS = 60_000

/** (group, partition) pairs fetched in one refresh: 20 B each. The others keep what was read before, and a Gap says so. */
export const POSITIONS_PER_CYCLE = 100_000
export const POSITIONS_PER_REQUEST = 20_000
export const GROUPS_PER_OFFSET_FETCH = 1_000
/** Of a group never read, until we know. */
export const POSITIONS_GUESS = 50
/** Brokers before 3.0 answer for one group a request. */
export const SINGLE_OFFSET_FETCHES_PER_CYCLE = 50

export const PARTITIONS_PER_LIST_OFFSETS = 10_000
/** Ends of partitions that no group reads, and starts of all, are read in turns of this many. */
export const IDLE_ENDS_PER_CYCLE = 5_000
export const STARTS_PER_CYCLE = 1_000

/** (end, time) pairs kept per partition: the newest as they come, the older at least so far apart: about 30 minutes. */
export const TABLE_POINTS = 84
export const TABLE_POINTS_FINE = 24
export const TABLE_STEP_MS = 30_000
/** Partitions with such a table: 1 KB each. */
export const TABLES_MAX = 20_000
/** Record times looked up in one refresh, each up to one batch (≤ 1 MiB as a rule). */
export const FETCHES_PER_CYCLE = 10
export const FETCHES_PER_CYCLE_HEAVY = 2
export const FETCH_BYTES_HEAVY = 2 * 1024 * 1024
export const RECORD_TIMES_PER_PARTITION = 16
/** How long a topic that we may not read is left alone. */
export const REFUSED_MS = 300_000
/** How long a group is still shown, without figures, while its coordinator cannot be asked. */
export const UNLISTED_MS = 300_000
