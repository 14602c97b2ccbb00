import type { Measurement, MonitorDeclaration, Severity } from '@plumbline/contracts';
import { benjaminiHochberg, bonferroni } from '@plumbline/statistics';
import type { Window } from '../windows/window.js';
import { breachSide } from './breach-side.js';
import { lowestBound } from './lowest-bound.js';
import { inWords } from './numbers-in-words.js';
import type { PlacedMeasurement } from './raw-measurement.js';
import { settleLevel } from './settle-level.js';

/** What all measurements of one monitor in one window share. */
export interface JudgementFrame {
  readonly project: string;
  readonly model: string;
  readonly monitor: string;
  readonly declaration: MonitorDeclaration;
  readonly window: Window;
  readonly revision: number;
  readonly evaluatedAtMs: number;
  /** Level of the family, from the budget of false alarms; a level that the monitor declares counts before it. */
  readonly alpha?: number;
}

interface Verdict {
  readonly severity: Severity;
  readonly because: string;
}

/**
 * Returns the measurements of one monitor in one window with their severities. A breach takes all of: enough data, an effect at
 * or beyond the threshold, and a p-value that stays below alpha after correction for the family, which is everything in this
 * call that decides by one. How long it must last is the alert's affair (see decide).
 */
export function judge(measurements: readonly PlacedMeasurement[], frame: JudgementFrame): Measurement[] {
  const { project, model, monitor, declaration, window, revision, evaluatedAtMs } = frame;
  const settled = settleLevel(declaration, frame.alpha);
  const alpha = 'alpha' in settled ? settled.alpha : NaN;
  const adjusted = adjustPValues(measurements, declaration);
  return measurements.map((measurement, i): Measurement => {
    const adjustedPValue = adjusted[i]!;
    const { severity, because } = verdict(measurement, adjustedPValue, alpha);
    return {
      project,
      model,
      monitor,
      version: measurement.version,
      segment: measurement.segment,
      feature: measurement.feature,
      method: measurement.method,
      windowStartMs: window.startMs,
      windowEndMs: window.endMs,
      dataStartMs: measurement.dataStartMs,
      revision,
      value: measurement.value,
      effect: measurement.effect,
      errorBound: measurement.errorBound,
      pValue: measurement.pValue,
      adjustedPValue,
      alpha: Number.isNaN(adjustedPValue) ? NaN : alpha,
      nReference: measurement.nReference,
      nCurrent: measurement.nCurrent,
      nMissing: measurement.nMissing,
      thresholdWarning: measurement.threshold?.warning ?? NaN,
      thresholdCritical: measurement.threshold?.critical ?? NaN,
      lower: measurement.lower,
      upper: measurement.upper,
      coverage: measurement.coverage,
      lagP50Ms: measurement.lagP50Ms,
      lagP95Ms: measurement.lagP95Ms,
      finalFromMs: measurement.finalFromMs,
      referenceId: measurement.referenceId,
      severity,
      decides: measurement.threshold !== undefined,
      reason: sentence(`${measurement.finding}${because}${widthOf(measurement, window)}`),
      evaluatedAtMs,
    };
  });
}

function adjustPValues(measurements: readonly PlacedMeasurement[], declaration: MonitorDeclaration): number[] {
  // NaN does not count in the family.
  const family = measurements.map(({ threshold, state, pValue }) =>
    threshold !== undefined && state === 'measured' ? pValue : NaN,
  );
  return 'family' in declaration && declaration.family === 'bonferroni'
    ? bonferroni(family)
    : benjaminiHochberg(family);
}

function verdict(measurement: PlacedMeasurement, adjustedPValue: number, alpha: number): Verdict {
  const { state, threshold, effect, method } = measurement;
  const breach = breachSide(method);
  if (state === 'error') return { severity: 'error', because: '' };
  if (state === 'no_data') return { severity: 'no_data', because: '' };
  if (state === 'no_reference') return { severity: 'no_reference', because: '' };
  if (state === 'insufficient') return { severity: 'insufficient_data', because: '' };
  if (threshold === undefined) return { severity: 'ok', because: '; recorded only' };
  const beyond = (bound: number | undefined): boolean =>
    bound !== undefined && (breach === 'at_least' ? effect >= bound : effect <= bound);
  const side = breach === 'at_least' ? 'at or above' : 'at or below';
  const reached = beyond(threshold.critical) ? 'critical' : beyond(threshold.warning) ? 'warning' : undefined;
  if (reached === undefined) {
    return { severity: 'ok', because: `; not ${side} the bound ${inWords(lowestBound(threshold))}` };
  }
  const tested = Number.isNaN(measurement.pValue) ? '' : `, adjusted p ${inWords(adjustedPValue)}`;
  if (tested !== '' && !(adjustedPValue <= alpha)) {
    return {
      severity: 'ok',
      because: `; ${side} the ${reached} bound ${threshold[reached]}, but it may be chance${tested}`,
    };
  }
  return { severity: reached, because: `; ${side} the ${reached} bound ${threshold[reached]}${tested}` };
}

function widthOf({ dataStartMs }: PlacedMeasurement, { startMs, endMs }: Window): string {
  const width = Math.round((endMs - dataStartMs) / (endMs - startMs));
  return width > 1 ? `; over ${width} windows` : '';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
