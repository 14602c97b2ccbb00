import type { ReferenceProfile } from '@plumbline/contracts';
import type { MovingReference } from './moving-reference.js';

/** Returns what a moving reference is, in words: "the 28 days before the window (2026-01-01 00:00 to 2026-01-29 00:00)". */
export function describeReference({
  kind,
  version,
  periods,
}: Pick<MovingReference, 'kind' | 'version' | 'periods'>): string {
  const spans = periods.map(({ startMs, endMs }) => `${minuteText(startMs)} to ${minuteText(endMs)} UTC`).join(', ');
  return `${WORDS[kind](version)} (${spans})`;
}

/** Returns what a sentence calls a reference: one that moves by its period, which may be why it says little. */
export function referenceInWords({ kind, source }: Pick<ReferenceProfile, 'kind' | 'source'>): string {
  return kind === undefined || kind === 'uploaded' || kind === 'bins' ? 'the reference' : source;
}

const WORDS: Readonly<Record<MovingReference['kind'], (version: string) => string>> = {
  fixed: () => 'the fixed period',
  rolling: () => 'the rolling period before the window',
  previous: () => 'the window before',
  seasonal: () => 'the same time earlier',
  version: (version) => `version ${version}`,
};

function minuteText(instantMs: number): string {
  return new Date(instantMs).toISOString().slice(0, 16).replace('T', ' ');
}
