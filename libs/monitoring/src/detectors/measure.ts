import type { MonitorDeclaration } from '@plumbline/contracts';
import type { WindowData } from '../windows/window-data.js';
import { breachSide } from './breach-side.js';
import type { Detect, DetectorInput } from './detector-input.js';
import { settleLevel } from './settle-level.js';
import type { RawMeasurement } from './raw-measurement.js';
import { detectors } from './registry.js';

/** What `measure` needs: the declaration as it was made, and the level that the budget of false alarms gives it. */
export interface MeasureInput extends Omit<DetectorInput, 'declaration'> {
  readonly declaration: MonitorDeclaration;
  /** Of the whole family; settled without a budget when absent. */
  readonly alpha?: number;
}

/**
 * Returns what the declared detector finds in one (version, segment) of a window, not yet judged. Without any event all that is
 * said is that there is none, except for the volume, which is then 0.
 */
export function measure({ alpha, ...input }: MeasureInput): RawMeasurement[] {
  // The table pairs each detector with its own declaration; the compiler cannot see that the two indexes are the same.
  const detect = detectors[input.declaration.detector] as Detect<MonitorDeclaration>;
  const raws = detect({ ...input, declaration: settleLevel(input.declaration, alpha) });
  if (!isEmpty(input.data)) return raws;
  return raws.map((raw) =>
    breachSide(raw.method) === 'at_most'
      ? raw
      : { ...raw, state: 'no_data', finding: 'no predictions came in this window' },
  );
}

function isEmpty({ traffic, series }: WindowData): boolean {
  return traffic.n === 0 && series.every(({ n, missing, invalid }) => n + missing + invalid === 0);
}
