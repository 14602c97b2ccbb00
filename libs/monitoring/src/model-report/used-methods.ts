import { driftMethods, type SeriesSummary, type UsedMethod } from '@plumbline/contracts';
import { type MethodId, methodIds, methods } from '@plumbline/statistics';

const MAX_BOUNDS = 5;

/** Returns how the numbers of a range came about: a row for each method with what it was asked to keep to, by name, drift first. */
export function usedMethods(summaries: readonly SeriesSummary[]): UsedMethod[] {
  const byMethod = new Map<string, SeriesSummary[]>();
  for (const summary of summaries) {
    const known = byMethod.get(summary.method);
    if (known === undefined) byMethod.set(summary.method, [summary]);
    else known.push(summary);
  }
  return [...byMethod]
    .map(([method, of]): UsedMethod => {
      const definition = isMethod(method) ? methods[method] : undefined;
      return {
        method,
        monitors: [...new Set(of.map(({ monitor }) => monitor))].sort(),
        series: of.length,
        windows: of.reduce((sum, { windows }) => sum + windows, 0),
        warnings: distinct(of.map(({ newest }) => newest.thresholdWarning)),
        criticals: distinct(of.map(({ newest }) => newest.thresholdCritical)),
        alphas: distinct(of.map(({ newest }) => newest.alpha)),
        formula: definition?.formula ?? '',
        bins: definition?.bins ?? '',
      };
    })
    .sort((left, right) => Number(isDrift(right)) - Number(isDrift(left)) || (left.method < right.method ? -1 : 1));
}

function isDrift({ method }: UsedMethod): boolean {
  return (driftMethods as readonly string[]).includes(method);
}

function isMethod(method: string): method is MethodId {
  return (methodIds as readonly string[]).includes(method);
}

/** Bounds found from the spread of a reference differ from series to series: the least and the greatest stand for them. */
function distinct(values: readonly number[]): number[] {
  const known = [...new Set(values.filter((value) => Number.isFinite(value)))].sort((left, right) => left - right);
  return known.length <= MAX_BOUNDS ? known : [known[0]!, known.at(-1)!];
}
