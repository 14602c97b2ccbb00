import type { Measurement } from '@plumbline/contracts';

/** What the measurements of a window were compared with. */
export interface ReferenceInForce {
  readonly referenceId: string;
  readonly dataStartMs: number;
}

/**
 * Returns what a version and segment of a window was compared with when it was evaluated, by `version/segment`: a reference that came
 * since does not change what was said of it. Where windows were widened, that of the narrowest. Nothing where there was no reference,
 * nor where there was no data: nothing was said then.
 */
export function referencesInForce(
  measurements: readonly Pick<Measurement, 'version' | 'segment' | 'referenceId' | 'dataStartMs' | 'severity'>[],
): Map<string, ReferenceInForce> {
  const inForce = new Map<string, ReferenceInForce>();
  for (const { version, segment, referenceId, dataStartMs, severity } of measurements) {
    if (referenceId === '' || severity === 'no_data') continue;
    const key = comparisonKey(version, segment);
    const known = inForce.get(key);
    if (known === undefined || dataStartMs > known.dataStartMs) inForce.set(key, { referenceId, dataStartMs });
  }
  return inForce;
}

export function comparisonKey(version: string, segment: string): string {
  return `${version}/${segment}`;
}
