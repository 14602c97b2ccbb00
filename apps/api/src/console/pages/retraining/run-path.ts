import type { RetrainingRun } from '@plumbline/contracts';
import { modelPath, withQuery } from '../../paths.js';

/** Returns the address of a run: on the tab of its model, with its history. */
export function runPath({ model, runId }: Pick<RetrainingRun, 'model' | 'runId'>): string {
  return `${withQuery(modelPath(model, 'retraining'), { run: runId })}#run`;
}
