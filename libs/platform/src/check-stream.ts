import type { StreamHealth } from '@plumbline/stream';
import type { CheckResult } from '@plumbline/telemetry';

/** A handler that makes no progress for this long while records wait hangs. */
const STALLED_MS = 60_000;

/** Whether the stream is fit for work: nothing is wrong with it, and no handler hangs while records wait for it. */
export function checkStream({ partitions, faults }: StreamHealth, nowMs: number): CheckResult {
  if (faults.length > 0) return { ok: false, detail: faults.join('; ') };
  const stalled = partitions.filter(
    (partition) => partition.oldestAgeMs > STALLED_MS && nowMs - partition.lastProgressAtMs > STALLED_MS,
  );
  if (stalled.length === 0) return { ok: true };
  return { ok: false, detail: `no progress for a minute on ${stalled.map(({ topic }) => topic).join(', ')}` };
}
