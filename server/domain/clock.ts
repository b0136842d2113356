/** Time as a port: wall clock to store, monotonic clock to subtract. Tests inject a manual one. */
export interface Clock {
  /** Unix time in ms. May jump. */
  nowMs(): number
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number
}
