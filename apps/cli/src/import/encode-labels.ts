import { isMissing, predictionIdOf, rowNumberOf, timestampFault, valuesOf, valueText } from './block-values.js';
import type { ColumnBlock, RowFault } from './column-block.js';
import type { ImportPlan } from './import-plan.js';
import { timestampMs } from './timestamp-ms.js';

/** Takes what a block gives, row by row: the JSON text of a label, or why there is none. */
export interface LabelSink {
  event(row: number, text: string): void;
  fault(fault: RowFault): void;
}

/** Writes the labels of a block as JSON text, row by row. */
export function encodeLabels(plan: ImportPlan, block: ColumnBlock, sink: LabelSink): void {
  for (const fault of block.faults) sink.fault(fault);
  const { prediction_id, timestamp, label } = plan.mapping;
  const head = `{"model":${JSON.stringify(plan.model)},"prediction_id":`;
  const ids = valuesOf(block, prediction_id);
  const times = valuesOf(block, timestamp);
  const labels = valuesOf(block, label) ?? [];
  for (let index = 0; index < block.rowCount; index += 1) {
    const row = rowNumberOf(block, index);
    const value = labels[index];
    // A row whose truth is not known yet is no fault: that is what files of delayed labels look like.
    if (isMissing(value)) continue;
    const id = predictionIdOf(plan, ids, index, row, (fault) => sink.fault(fault));
    if (id === undefined) continue;
    let text = `${head}${JSON.stringify(id)},"${plan.answer}":${valueText(value)}`;
    if (times) {
      const ms = timestampMs(times[index]);
      if (ms === undefined) {
        sink.fault(timestampFault(row, timestamp!, times[index]));
        continue;
      }
      text += `,"timestamp":${ms}`;
    }
    sink.event(row, `${text}}`);
  }
}
