import { recordKey } from '@plumbline/contracts';
import {
  type ChainMark,
  findTrafficStarts,
  type HourMark,
  listEvaluationMarksOfModels,
  listTouchedHoursOfModels,
  type ModelKey,
  type Store,
} from '@plumbline/storage';

/** Models read together: few enough for the marks of a month of hourly windows to fit in memory. */
export const MODELS_PER_LOOK = 25;

/** What has to be known of a model that this process has not looked at before, to plan its windows. */
export interface FirstLook {
  readonly hours: readonly HourMark[];
  readonly trafficStartMs: number | undefined;
  readonly marks: readonly ChainMark[];
}

/**
 * Reads what planning needs of some models at once, back to `horizonMs`: after a start there may be thousands of them. By
 * `project/model`.
 * @throws StorageError
 */
export async function firstLooks(
  store: Store,
  models: readonly ModelKey[],
  horizonMs: number,
): Promise<Map<string, FirstLook>> {
  const hours = await listTouchedHoursOfModels(store, models, horizonMs);
  const starts = await findTrafficStarts(store, models, horizonMs);
  // A window may be open again that ended after the first hour that was touched, however long ago that is.
  const firstEndMs = hours.reduce((least, { hourMs }) => Math.min(least, hourMs), horizonMs);
  const marks = await listEvaluationMarksOfModels(store, models, firstEndMs);
  const looks = new Map(
    models.map(({ project, model }) => {
      const key = recordKey(project, model);
      return [key, { hours: [] as HourMark[], trafficStartMs: starts.get(key), marks: [] as ChainMark[] }];
    }),
  );
  for (const hour of hours) looks.get(recordKey(hour.project, hour.model))?.hours.push(hour);
  for (const { project, model, ...mark } of marks) looks.get(recordKey(project, model))?.marks.push(mark);
  return looks;
}
