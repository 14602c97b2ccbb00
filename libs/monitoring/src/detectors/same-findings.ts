import type { Measurement } from '@plumbline/contracts';

/** Sums of floating-point numbers depend on the order in which cells were merged. */
const TOLERANCE = 1e-9;

const IGNORED: readonly (keyof Measurement)[] = ['revision', 'evaluatedAtMs', 'reason'];

/** Returns whether two evaluations of a window found the same: the same series with the same numbers and severities. */
export function sameFindings(left: readonly Measurement[], right: readonly Measurement[]): boolean {
  if (left.length !== right.length) return false;
  const byKey = new Map(right.map((measurement) => [keyOf(measurement), measurement]));
  return left.every((measurement) => {
    const other = byKey.get(keyOf(measurement));
    return other !== undefined && same(measurement, other);
  });
}

function same(left: Measurement, right: Measurement): boolean {
  return (Object.keys(left) as (keyof Measurement)[]).every((name) => {
    if (IGNORED.includes(name)) return true;
    const [a, b] = [left[name], right[name]];
    if (typeof a !== 'number' || typeof b !== 'number') return a === b;
    return Object.is(a, b) || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
  });
}

function keyOf({ version, segment, feature, method }: Measurement): string {
  return JSON.stringify([version, segment, feature, method]);
}
