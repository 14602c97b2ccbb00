import type { LabelEvent } from '@plumbline/contracts';
import { NativeBlock } from '../native/native-block.js';
import type { Store } from '../store.js';

const columns = {
  project: 'String',
  model: 'String',
  prediction_id: 'String',
  timestamp: "DateTime64(3, 'UTC')",
  label: 'String',
  value: 'Float64',
  weight: 'Float64',
  received_at: "DateTime64(3, 'UTC')",
  version: 'UInt64',
} as const;

/** Writes labels; of several for one prediction the one with the latest time wins, then the last received. */
export async function insertLabels(store: Store, labels: readonly LabelEvent[], identity: string): Promise<void> {
  const block = new NativeBlock(columns);
  for (const label of labels) {
    block.add({
      project: label.project,
      model: label.model,
      prediction_id: label.predictionId,
      timestamp: label.timestampMs,
      label: label.label ?? '',
      value: label.value ?? NaN,
      weight: label.weight ?? 1,
      received_at: label.receivedAtMs,
      version: label.timestampMs,
    });
  }
  await store.insertBlock('label', block, `label:${identity}`);
}
