/**
 * How many runs to read of each queue so that all together are at most `most`: a queue with few is read whole, the others
 * share what is left. Beyond `most` queues some get none.
 */
export function runQuotas<Q>(
  queues: readonly { readonly queue: Q; readonly runs: number }[],
  most: number,
): readonly { readonly queue: Q; readonly most: number }[] {
  const quotas: { queue: Q; most: number }[] = []
  let left = most
  const fewestFirst = [...queues].sort((one, other) => one.runs - other.runs)
  for (const [at, { queue, runs }] of fewestFirst.entries()) {
    const share = Math.max(1, Math.floor(left / (fewestFirst.length - at)))
    const quota = Math.min(runs, share, left)
    if (quota > 0) quotas.push({ queue, most: quota })
    left -= quota
  }
  return quotas
}
