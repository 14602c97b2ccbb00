import type { Oracle } from './oracle.js';
import type { Report } from './report.js';
import { readMetrics } from './service-client.js';

/** Returns a source of so many batches that were acknowledged, to be sent again. */
export function repetitions(oracle: Oracle, count: number): () => ReturnType<Oracle['repetition']> {
  let left = count;
  return () => (left-- > 0 ? oracle.repetition() : undefined);
}

/** Judges the counters of processes that were not harmed: every prediction that they took off the stream is accounted for. */
export async function checkCounters(ingesterUrls: readonly string[], report: Report): Promise<void> {
  const metrics = await Promise.all(ingesterUrls.map(readMetrics));
  const sum = (name: string, labels?: string): number =>
    metrics.reduce((total, metric) => total + metric(name, labels), 0);
  const consumed = sum('plumbline_events_consumed_total', 'kind="prediction"');
  const stored = sum('plumbline_events_ingested_total', 'kind="prediction"');
  const duplicates = sum('plumbline_duplicate_predictions_total');
  const deadLetters = sum('plumbline_dead_letters_total', 'kind="prediction"');
  const detail = `${consumed} consumed, ${stored} stored, ${duplicates} duplicates, ${deadLetters} dead letters`;
  const balanced = consumed > 0 && consumed === stored + duplicates + deadLetters;
  report.check('counters: consumed = stored + duplicates + dead letters', balanced ? [] : [detail], detail);
}

/** Judges the counters of a process that is intake and ingester: what was received and not refused was consumed. */
export async function checkIntakeCounters(url: string, report: Report): Promise<void> {
  const metric = await readMetrics(url);
  const received = metric('plumbline_events_received_total', 'kind="prediction"');
  const refused = metric('plumbline_events_rejected_total', 'kind="prediction"');
  const consumed = metric('plumbline_events_consumed_total', 'kind="prediction"');
  const detail = `${received} received, ${refused} refused, ${consumed} consumed`;
  report.check('counters: received = refused + consumed', received === refused + consumed ? [] : [detail], detail);
}

/**
 * Cells are compared with raw rows when a window over them is evaluated. Windows of today are open when a run ends, so whoever
 * wants their cells checked before asks for it.
 */
export async function repairOpenWindows(url: string): Promise<void> {
  const response = await fetch(`${url}/v1/models/untimed/cells/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"repair":true}',
  });
  if (!response.ok) throw new Error(`cells verify: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
