import type { AlertReport } from '@plumbline/contracts';
import { distributionBars, largest } from './distribution-bars.js';
import { findingItem, type OutlineItem, recentChangeLines, reportFacts } from './message-outline.js';
import { plain, plainSentence } from './plain.js';
import { columns, wrapText } from './wrap-text.js';

const NO_BREAK = '\u00a0';

/** Returns a report as plain text of at most 78 columns. */
export function reportText(report: AlertReport): string {
  return [
    wrapText(plainSentence(report.headline)),
    factsText(reportFacts(report)),
    itemsText(
      report.findings.map((finding) => findingItem(finding)),
      report.moreFindings,
    ),
    listText('What changed recently', recentChangeLines(report.recentChanges)),
  ]
    .filter((section) => section !== '')
    .join('\n\n');
}

/** Returns names and values in two columns; "" without any. */
export function factsText(facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...facts.map(([name]) => columns(name))) + 2;
  return facts
    .map(([name, value]) => wrapText(value, { first: name.padEnd(width), rest: ' '.repeat(width) }))
    .join('\n');
}

/** Returns what was found, numbered; "" when nothing was. */
export function itemsText(items: readonly OutlineItem[], moreItems: number): string {
  if (items.length === 0 && moreItems === 0) return '';
  const blocks = items.map((item, index) => {
    const number = `${index + 1}. `;
    const rest = ' '.repeat(number.length);
    return [
      wrapText(`${item.name} [${item.state}]`, { first: number, rest }),
      ...[item.change, unbroken([...item.evidence, `monitor ${item.monitor}`]), item.change === '' ? item.reason : '']
        .filter((line) => line !== '')
        .map((line) => wrapText(line, { first: rest, rest }).replaceAll(NO_BREAK, ' ')),
      ...barLines(item.distribution).map((line) => `${rest}${line}`),
    ].join('\n');
  });
  const more = moreItems === 0 ? [] : [`and ${moreItems} more`];
  return [...blocks, ...more].join('\n\n');
}

/** Returns a heading and a list; "" when the list is empty. */
export function listText(heading: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return [heading, ...lines.map((line) => wrapText(line, { first: '- ', rest: '  ' }))].join('\n');
}

/** Numbers stay beside their names when lines are broken, as long as they are short. */
function unbroken(parts: readonly string[]): string {
  return parts.map((part) => (part.length <= 40 ? part.replaceAll(' ', NO_BREAK) : part)).join('; ');
}

function barLines(pair: OutlineItem['distribution']): string[] {
  if (pair === undefined || pair.labels.length === 0) return [];
  const max = largest(pair.reference, pair.current);
  const ends = `${plain(pair.labels[0]!, 24)} … ${plain(pair.labels.at(-1)!, 24)}`;
  return [
    `reference   ${distributionBars(pair.reference, max)}  ${ends}`,
    `this window ${distributionBars(pair.current, max)}`,
  ];
}
