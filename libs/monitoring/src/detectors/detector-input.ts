import type { MonitorDeclaration, ReferenceProfile, Task } from '@plumbline/contracts';
import type { WindowData } from '../windows/window-data.js';
import type { RawMeasurement } from './raw-measurement.js';

/** What a detector may look at: its declaration, the reference of the version, and what the cells add up to. */
export interface DetectorInput<D extends MonitorDeclaration = MonitorDeclaration> {
  readonly declaration: D;
  readonly task: Task | undefined;
  /** Of a binary model. */
  readonly positiveClass: string | undefined;
  readonly profile: ReferenceProfile | undefined;
  /** Why there is no profile and what to do about it, in words. */
  readonly lacking?: string;
  readonly data: WindowData;
  /** End of the window, and how long after it labels are waited for; nothing is said of finality when absent. */
  readonly labelsDue?: { readonly windowEndMs: number; readonly horizonMs: number };
}

/** Said of a model whose windows are compared with what was posted, when nothing was. */
export const NO_REFERENCE =
  'there is no reference to compare with: upload one (plumbline reference upload), or declare reference.kind, as in rolling';

export type Detect<D extends MonitorDeclaration> = (input: DetectorInput<D>) => RawMeasurement[];
