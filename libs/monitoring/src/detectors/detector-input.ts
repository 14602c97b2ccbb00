import type { MonitorDeclaration, ReferenceProfile, Task } from '@plumbline/contracts';
import type { WindowData } from '../windows/window-data.js';
import type { RawMeasurement } from './raw-measurement.js';

/** A declaration whose level of significance is settled: its own, or the one that the budget of false alarms gives it. */
export type Settled<D> = D extends { readonly alpha?: number | undefined } ? D & { readonly alpha: number } : D;

/** What a detector may look at: its declaration, the reference of the version, and what the cells add up to. */
export interface DetectorInput<D extends MonitorDeclaration = MonitorDeclaration> {
  readonly declaration: Settled<D>;
  readonly task: Task | undefined;
  /** Of a binary model. */
  readonly positiveClass: string | undefined;
  readonly profile: ReferenceProfile | undefined;
  /** Why there is no profile and what to do about it, in words. */
  readonly lacking?: string;
  readonly data: WindowData;
  /** Level of one series of the family, which stands whatever the others do; the level of the declaration when absent. */
  readonly seriesAlpha?: number;
  /** End of the window, and how long after it labels are waited for; nothing is said of finality when absent. */
  readonly labelsDue?: { readonly windowEndMs: number; readonly horizonMs: number };
}

/** Said of a model whose windows are compared with what was posted, when nothing was. */
export const NO_REFERENCE =
  'there is no reference to compare with: upload one (plumbline reference upload), or declare reference.kind, as in rolling';

export type Detect<D extends MonitorDeclaration> = (input: DetectorInput<D>) => RawMeasurement[];
