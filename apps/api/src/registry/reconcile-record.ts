import { type PredictionRecord, recordKey } from '@plumbline/contracts';
import type { OutgoingRecord } from '@plumbline/stream';

/** Returns the record that asks the owner of a model to read its declaration again and to check its dirty hours. */
export function reconcileRecord(project: string, model: string): OutgoingRecord<PredictionRecord> {
  return { key: recordKey(project, model), value: { type: 'reconcile', project, model }, sizeBytes: 64 };
}
