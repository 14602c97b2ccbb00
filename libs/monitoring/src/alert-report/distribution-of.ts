import type { DistributionPair } from '@plumbline/contracts';
import { coalesce } from '@plumbline/statistics';
import type { ReportedPair } from './report-input.js';
import { shortNumber } from './short-numbers.js';

const MAX_BARS = 12;

/** Returns the distribution that a method is about, reference beside window, in at most twelve bars; undefined without values. */
export function distributionOf(method: string, pair: ReportedPair): DistributionPair | undefined {
  const { reference, current } = pair;
  if (method === 'missing_rate' || method === 'invalid_rate') return presenceOf(pair);
  if (reference.n === 0 || current.n === 0) return undefined;
  return binLabels(pair);
}

/** Shares of the bins by label: numeric ones merged to the deciles of the reference, categories beyond the largest to one. */
export function binLabels(pair: ReportedPair): DistributionPair {
  return pair.reference.kind === 'numeric' ? numericBars(pair) : categoryBars(pair);
}

function presenceOf({ reference, current }: ReportedPair): DistributionPair | undefined {
  const counts = ({ n, missing, invalid }: ReportedPair['current'] | ReportedPair['reference']): number[] => [
    n,
    missing,
    invalid,
  ];
  const before = shares(counts(reference));
  const now = shares(counts(current));
  if (before === undefined || now === undefined) return undefined;
  return { labels: ['valid', 'missing', 'wrong type'], reference: before, current: now };
}

function numericBars({ reference, current }: ReportedPair): DistributionPair {
  const { edges, decileEdgeIndexes } = reference;
  const kept = edges.length < MAX_BARS ? edges.map((_, index) => index) : decileEdgeIndexes.slice(0, MAX_BARS - 1);
  const at = kept.map((index) => shortNumber(edges[index]!, 4));
  const labels = [
    at.length === 0 ? 'all' : `< ${at[0]!}`,
    ...at.slice(1).map((edge, index) => `${at[index]!} – ${edge}`),
    ...(at.length === 0 ? [] : [`≥ ${at.at(-1)!}`]),
  ];
  return {
    labels,
    reference: shares(coalesce(reference.counts, kept)) ?? [],
    current: shares(coalesce(current.counts, kept)) ?? labels.map(() => 0),
  };
}

/** The categories that are largest on either side, in the order of the reference; then the others, then those it does not know. */
function categoryBars({ reference, current }: ReportedPair): DistributionPair {
  const { categories } = reference;
  const before = shares(reference.counts) ?? reference.counts.map(() => 0);
  const now = shares(current.counts) ?? reference.counts.map(() => 0);
  const size = (index: number): number => Math.max(before[index]!, now[index]!);
  const named = [...categories.keys()]
    .sort((left, right) => size(right) - size(left) || left - right)
    .slice(0, MAX_BARS - 2)
    .sort((left, right) => left - right);
  const rest = [...categories.keys(), categories.length].filter((index) => !named.includes(index));
  const sum = (of: readonly number[], indexes: readonly number[]): number =>
    indexes.reduce((total, index) => total + (of[index] ?? 0), 0);
  const unseen = categories.length + 1;
  const bars = [
    ...named.map((index) => [quoted(categories[index]!), before[index]!, now[index]!] as const),
    ['other categories', sum(before, rest), sum(now, rest)] as const,
    ['unseen categories', before[unseen] ?? 0, now[unseen] ?? 0] as const,
  ].filter(([label, left, right]) => left > 0 || right > 0 || !/^(other|unseen) categories$/.test(label));
  return {
    labels: bars.map(([label]) => label),
    reference: bars.map(([, share]) => share),
    current: bars.map(([, , share]) => share),
  };
}

/** An empty category has to be seen. */
function quoted(category: string): string {
  return category.trim() === '' ? `"${category}"` : category;
}

/** Counts as shares of their sum; undefined when that is 0. */
function shares(counts: readonly number[]): number[] | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? undefined : counts.map((count) => count / total);
}
