import { BatchBuilder, type Batch, type BatchLimits } from './batch.js';
import type { ColumnBlock, RowFault } from './column-block.js';
import { encodeLabels } from './encode-labels.js';
import { PredictionEncoder } from './encode-predictions.js';
import type { ImportPlan } from './import-plan.js';

export interface BatchStep {
  readonly batch: Batch;
  /** Share of the file read so far, 0 to 1. */
  readonly progress: number;
}

/** Yields the batches of a file's blocks, one block in memory at a time; rows that make no event go to `onFault`. */
export function mappedBatches(
  plan: ImportPlan,
  blocks: AsyncIterable<ColumnBlock>,
  featuresOf: (block: ColumnBlock) => readonly string[],
  limits: BatchLimits,
  onFault: (fault: RowFault) => void,
): AsyncGenerator<BatchStep> {
  return plan.kind === 'labels'
    ? labelBatches(plan, blocks, limits, onFault)
    : predictionBatches(plan, blocks, featuresOf, limits, onFault);
}

async function* predictionBatches(
  plan: ImportPlan,
  blocks: AsyncIterable<ColumnBlock>,
  featuresOf: (block: ColumnBlock) => readonly string[],
  limits: BatchLimits,
  onFault: (fault: RowFault) => void,
): AsyncGenerator<BatchStep> {
  const encoder = new PredictionEncoder(plan, limits);
  for await (const block of blocks) {
    for (const batch of encoder.encode(block, featuresOf(block), onFault)) yield { batch, progress: block.progress };
  }
}

async function* labelBatches(
  plan: ImportPlan,
  blocks: AsyncIterable<ColumnBlock>,
  limits: BatchLimits,
  onFault: (fault: RowFault) => void,
): AsyncGenerator<BatchStep> {
  const builder = new BatchBuilder(limits);
  for await (const block of blocks) {
    const full: Batch[] = [];
    encodeLabels(plan, block, {
      event: (row, text) => {
        const batch = builder.add(row, text);
        if (batch) full.push(batch);
      },
      fault: onFault,
    });
    for (const batch of full) yield { batch, progress: block.progress };
  }
  const last = builder.take();
  if (last) yield { batch: last, progress: 1 };
}
