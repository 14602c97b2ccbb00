import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type MethodId, type Method, methods, methodIds } from '@plumbline/statistics';
import { binnedPair } from './binned-pair.js';
import type { OracleNumber } from './expect-close.js';
import { type RandomCase, randomCase, RANDOM_CASES } from './random-cases.js';

/** How far a number of a profile is from its independent source over the family. */
export interface Deviation {
  /** Id of the profile, followed by " p" for its p-value. */
  readonly name: string;
  readonly cases: number;
  readonly absolute: number;
  /** Where the source is not 0 and the absolute deviation is more than rounding of numbers near 1. */
  readonly relative: number;
  /** Cases in which one is NaN or infinite and the other is not. */
  readonly mismatches: readonly number[];
}

/** How far a profile from counts is from its value from the samples. */
export interface BinnedDeviation {
  readonly id: MethodId;
  readonly cases: number;
  /** Cases whose deviation exceeds the error bound. */
  readonly outside: readonly number[];
  /** Median of the error bounds. */
  readonly bound: number;
}

export interface Golden {
  readonly versions: { readonly numpy: string; readonly scipy: string };
  /** Of the little-endian doubles of each case, reference before current: that both sides speak of the same samples. */
  readonly crc32: readonly number[];
  /** By name, per case; null where the profile is not defined. */
  readonly answers: Readonly<Record<string, readonly (OracleNumber | null)[]>>;
}

/** Below this absolute deviation two numbers differ by the rounding of what they were subtracted from. */
const ROUNDING = 1e-14;

export function readGolden(): Golden {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../golden/conformance.json'), 'utf8')) as Golden;
}

/** Checksum of a case's samples. */
export function checksum({ reference, current }: RandomCase): number {
  return crc32(Buffer.from(Float64Array.from([...reference, ...current]).buffer));
}

/** Holds every profile of Plumbline against the file of independent answers, over all cases. */
export function measureConformance(golden: Golden): { exact: Deviation[]; binned: BinnedDeviation[] } {
  const names = methodIds.flatMap((id) => [id, `${id} p`]).filter((name) => golden.answers[name] !== undefined);
  const exact = new Map(
    names.map((name) => [name, { cases: 0, absolute: 0, relative: 0, mismatches: [] as number[] }]),
  );
  const binned = new Map(methodIds.map((id) => [id, { cases: 0, outside: [] as number[], bounds: [] as number[] }]));
  for (let index = 0; index < RANDOM_CASES; index += 1) {
    const samples = randomCase(index);
    const answers = answersTo(samples);
    for (const [name, actual] of answers) {
      const expected = golden.answers[name]?.[index];
      const deviation = exact.get(name);
      if (deviation === undefined || expected === null || expected === undefined) continue;
      deviation.cases += 1;
      const wanted = Number(expected);
      if (Object.is(actual, wanted) || actual === wanted) continue;
      const difference = Math.abs(actual - wanted);
      if (!Number.isFinite(difference)) {
        deviation.mismatches.push(index);
        continue;
      }
      deviation.absolute = Math.max(deviation.absolute, difference);
      if (difference > ROUNDING) deviation.relative = Math.max(deviation.relative, difference / Math.abs(wanted));
    }
    if (samples.kind === 'numeric') compareBinned(samples, index, answers, binned);
  }
  return {
    exact: [...exact].map(([name, deviation]) => ({ name, ...deviation })),
    binned: [...binned]
      .filter(([, { cases }]) => cases > 0)
      .map(([id, { bounds, ...deviation }]) => ({
        id,
        ...deviation,
        bound: bounds.sort((a, b) => a - b)[Math.floor(bounds.length / 2)]!,
      })),
  };
}

/** What Plumbline answers to a case, by name. */
function answersTo({ kind, reference, current }: RandomCase): Map<string, number> {
  const answers = new Map<string, number>();
  const sorted = [reference, current].map((values) => Float64Array.from(values).sort()) as [Float64Array, Float64Array];
  const categories = [...new Set([...reference, ...current])];
  const counts = (values: readonly number[]): number[] =>
    categories.map((category) => values.filter((value) => value === category).length);
  for (const id of methodIds) {
    const method: Method = methods[id];
    const result =
      kind === 'numeric' ? method.ofNumbers?.(...sorted) : method.ofCategories?.(counts(reference), counts(current));
    if (result === undefined) continue;
    answers.set(id, result.value);
    answers.set(`${id} p`, result.pValue);
    answers.set(`${id} effect`, result.effectSize);
  }
  return answers;
}

function compareBinned(
  { reference, current }: RandomCase,
  index: number,
  answers: ReadonlyMap<string, number>,
  binned: ReadonlyMap<MethodId, { cases: number; outside: number[]; bounds: number[] }>,
): void {
  const pair = binnedPair(reference, current);
  for (const [id, deviation] of binned) {
    const method: Method = methods[id];
    if (method.fromBins === 'raw only' || method.ofNumbers === undefined) continue;
    const { effectSize, errorBound } = method.ofBins(pair);
    const exact = answers.get(`${id} effect`)!;
    deviation.cases += 1;
    deviation.bounds.push(errorBound);
    if (effectSize === exact) continue;
    const difference = Math.abs(effectSize - exact);
    // Sums that were taken in another order may differ in their last digits.
    if (!(difference <= errorBound + 1e-9 * Math.max(1, Math.abs(exact)))) deviation.outside.push(index);
  }
}
