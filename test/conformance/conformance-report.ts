import { type Method, methods, methodIds } from '@plumbline/statistics';
import { deliberateDifferences } from './deliberate-differences.js';
import type { BinnedDeviation, Deviation, Golden } from './measure-conformance.js';
import { profileSources } from './profile-sources.js';
import { RANDOM_CASES } from './random-cases.js';

const BEGIN = '<!-- conformance:begin -->';
const END = '<!-- conformance:end -->';

/** What a row of the report promises of a profile. */
export interface PromisedDeviation {
  readonly absolute: number;
  readonly relative: number;
}

/**
 * Returns a document with the report between its markers. Deviations are rounded up, so that the last digits of another engine's logarithm
 * do not change the text.
 * @throws Error when the document has no markers
 */
export function withConformanceReport(
  document: string,
  { versions }: Golden,
  measured: { readonly exact: readonly Deviation[]; readonly binned: readonly BinnedDeviation[] },
): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the document has no ${BEGIN} … ${END} to put the report between`);
  const rows = methodIds.flatMap((id) =>
    [id, `${id} p`].flatMap((name) => {
      const deviation = measured.exact.find((one) => one.name === name);
      return deviation === undefined ? [] : [exactRow(deviation, name === id ? profileSources[id] : 'its p-value')];
    }),
  );
  const report = [
    `The file \`test/golden/conformance.json\` holds what independent sources (numpy ${versions.numpy}, scipy ${versions.scipy}, formulas written down in Python) answer for`,
    `${RANDOM_CASES} random pairs of samples: normal, uniform, Cauchy, Pareto, without a mean, counts, few integers, zero-inflated, constant, rounded, two humps, with outliers,`,
    'values near 1e9 and near 1e-9, and 1 to 200 categories with unseen ones; 1 to 11 000 rows, mostly of unequal sizes. Both languages make the same samples from a seed, bit for bit.',
    'Deviations are rounded up to 1, 2 or 5; the relative one counts where the absolute one exceeds 1e-14.',
    '',
    '| profile | held against | cases | absolute ≤ | relative ≤ |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    'From the cells of a reference (120 quantile bins, one bin per value where there are few) instead of the values, over the numeric cases:',
    '',
    '| profile | cases | equal, or within its error bound | median of the bounds |',
    '| --- | --- | --- | --- |',
    ...measured.binned.map(binnedRow),
    '',
    'Expected values of other tools that are not met, on purpose:',
    '',
    ...deliberateDifferences.map(({ what, reason }) => `- ${what}: ${reason}.`),
  ];
  return `${document.slice(0, begin)}${BEGIN}\n\n${report.join('\n')}\n\n${document.slice(end)}`;
}

/** Reads the promises of a document back, by profile (the row after a profile's own is its p-value, "… p"). */
export function promisedDeviations(document: string): Map<string, PromisedDeviation> {
  const promised = new Map<string, PromisedDeviation>();
  const section = document.slice(document.indexOf(BEGIN), document.indexOf(END));
  for (const line of section.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const name = /^`(.+)`$/.exec(cells[1] ?? '')?.[1];
    if (name === undefined || cells.length !== 7) continue;
    promised.set(name, { absolute: Number(cells[4]), relative: Number(cells[5]) });
  }
  return promised;
}

function exactRow({ name, cases, absolute, relative }: Deviation, source: string): string {
  return `| \`${name}\` | ${source} | ${cases} | ${roundedUp(absolute)} | ${roundedUp(relative)} |`;
}

function binnedRow({ id, cases, outside, bound }: BinnedDeviation): string {
  const { fromBins }: Method = methods[id];
  const within = outside.length === 0 ? 'all' : `${cases - outside.length}`;
  return `| \`${id}\` | ${cases} | ${within} | ${fromBins === 'exact' ? 'exact' : Number(bound.toPrecision(1))} |`;
}

/** The next of 1, 2, 5, 10 times a power of ten, with room for rounding elsewhere; 0 stays 0. */
function roundedUp(deviation: number): string {
  if (deviation === 0) return '0';
  const roomy = deviation * 1.5;
  const power = Math.floor(Math.log10(roomy));
  const digit = [1, 2, 5, 10].find((candidate) => roomy <= candidate * 10 ** power * (1 + 1e-12))!;
  return digit === 10 ? `1e${power + 1}` : `${digit}e${power}`;
}
