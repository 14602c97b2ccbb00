import { z } from 'zod';
import { batchToken } from '../batch-token.js';
import { instant } from '../row-types.js';
import type { Store } from '../store.js';
import { bindModelKeys, MODEL_KEYS, type ModelKey, modelKeyParams } from './model-key.js';

/** 2^52: above every time. */
const FIRST_RANK = 4_503_599_627_370_496;

/** Values of one model that get a segment of their own, by the name of the declaration. */
export interface SegmentValuesOfModel extends ModelKey {
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Writes values that get a segment of their own; a value that has one keeps its place. */
export async function saveSegmentValues(
  store: Store,
  models: readonly SegmentValuesOfModel[],
  nowMs: number,
): Promise<void> {
  const rows = models.flatMap(({ project, model, values }) =>
    [...values].flatMap(([segment, ofSegment]) =>
      ofSegment.map((value) => ({
        project,
        model,
        segment,
        value,
        rank: FIRST_RANK - nowMs,
        updated_at: instant(nowMs),
      })),
    ),
  );
  if (rows.length > 0) await store.insert('segment_value', rows, batchToken('segment_value', rows));
}

const selectValues = {
  name: 'select segment values of models',
  sql: `SELECT project, model, segment, value FROM segment_value FINAL WHERE (project, model) IN (${MODEL_KEYS})
        ORDER BY project, model, segment, rank DESC, value`,
  params: modelKeyParams,
};

const row = z.tuple([z.string(), z.string(), z.string(), z.string()]);

/** Values with a segment of their own by `project/model` and declaration, in the order in which they were learned. */
export async function findSegmentValuesOfModels(
  store: Store,
  keys: readonly ModelKey[],
): Promise<Map<string, Map<string, string[]>>> {
  const found = new Map<string, Map<string, string[]>>();
  if (keys.length === 0) return found;
  for (const values of await store.queryCompact(selectValues, bindModelKeys(keys))) {
    const [project, model, segment, value] = row.parse(values);
    const key = `${project}/${model}`;
    let ofModel = found.get(key);
    if (ofModel === undefined) found.set(key, (ofModel = new Map<string, string[]>()));
    const ofSegment = ofModel.get(segment);
    if (ofSegment === undefined) ofModel.set(segment, [value]);
    else ofSegment.push(value);
  }
  return found;
}
