/** Numbers in the oracles are JSON, where NaN and the infinities are strings. */
export type OracleNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/**
 * Throws unless `actual` is within `relative` of the expected value, or within `absolute` of it. NaN equals NaN only.
 * @param what stands in the message
 */
export function expectClose(
  actual: number,
  expected: OracleNumber,
  what: string,
  { relative = 1e-9, absolute = 0 }: { relative?: number; absolute?: number } = {},
): void {
  const wanted = Number(expected);
  if (Object.is(actual, wanted) || actual === wanted) return;
  if (Math.abs(actual - wanted) <= Math.max(relative * Math.abs(wanted), absolute)) return;
  throw new Error(`${what}: ${actual} is not ${wanted}`);
}
