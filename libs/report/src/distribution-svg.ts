import type { DistributionPair } from '@plumbline/contracts';
import { largest } from './distribution-bars.js';
import { escapeHtml } from './escape-html.js';
import { formatPercent } from './format-number.js';
import { plain } from './plain.js';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

const WIDTH = 360;
const PADDING = 14;
const HEAD = 50;
const ROW = 30;
const BAR = 9;
const LABEL_WIDTH = 124;
const NUMBER_WIDTH = 46;
/** Labels are cut to this, so that they fit their column in the widest of usual letters. */
const MAX_LABEL = 17;
const MAX_TITLE = 36;
/** Bars that are drawn; a pair has at most twelve. */
const MAX_ROWS = 12;
const INK = '#1f2430';
const FAINT = '#5b6472';
const REFERENCE = '#aab2bf';
const CURRENT = '#c2410c';

/** Returns width and height of the chart of a pair, in pixels. */
export function distributionSize({ labels }: DistributionPair): ChartSize {
  return { width: WIDTH, height: HEAD + Math.min(labels.length, MAX_ROWS) * ROW + PADDING };
}

/**
 * Returns a chart of two distributions as a standalone SVG on a ground of its own: a row for each bin, reference above current.
 * The only thing it needs is a font, for which it names DejaVu Sans first.
 */
export function distributionSvg(pair: DistributionPair, title: string): string {
  const { width, height } = distributionSize(pair);
  const max = largest(pair.reference, pair.current) || 1;
  const room = WIDTH - 2 * PADDING - LABEL_WIDTH - NUMBER_WIDTH;
  const rows = pair.labels.slice(0, MAX_ROWS).map((label, index) => {
    const top = HEAD + index * ROW;
    const reference = pair.reference[index] ?? 0;
    const current = pair.current[index] ?? 0;
    return [
      text(PADDING + LABEL_WIDTH - 10, top + BAR + 5, plain(label, MAX_LABEL), { anchor: 'end', fill: INK, size: 12 }),
      bar(top + 1, reference, REFERENCE),
      bar(top + 1 + BAR + 2, current, CURRENT),
      text(width - PADDING, top + BAR - 0.5, formatPercent(reference), { anchor: 'end', fill: FAINT, size: 10 }),
      text(width - PADDING, top + 2 * BAR + 2.5, formatPercent(current), { anchor: 'end', fill: CURRENT, size: 11 }),
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="DejaVu Sans, Verdana, sans-serif">`,
    `<title>${escapeHtml(plain(title))}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>`,
    text(PADDING, 22, plain(title, MAX_TITLE), { anchor: 'start', fill: INK, size: 13 }),
    `<rect x="${PADDING}" y="32" width="9" height="9" fill="${REFERENCE}"/>`,
    text(PADDING + 14, 40.5, 'reference', { anchor: 'start', fill: FAINT, size: 11 }),
    `<rect x="${PADDING + 86}" y="32" width="9" height="9" fill="${CURRENT}"/>`,
    text(PADDING + 100, 40.5, 'this window', { anchor: 'start', fill: FAINT, size: 11 }),
    ...rows,
    '</svg>',
  ].join('');

  function bar(y: number, share: number, fill: string): string {
    const length = share > 0 ? Math.max(1, (Math.min(share, max) / max) * room) : 0;
    return `<rect x="${PADDING + LABEL_WIDTH}" y="${y}" width="${Number(length.toFixed(1))}" height="${BAR}" rx="1.5" fill="${fill}"/>`;
  }
}

interface TextStyle {
  readonly anchor: 'start' | 'end';
  readonly fill: string;
  readonly size: number;
}

function text(x: number, y: number, content: string, { anchor, fill, size }: TextStyle): string {
  // Each text stands alone, and a renderer would draw the marks of isolation.
  const drawable = content.replace(/[\u2066\u2068\u2069]/g, '');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="${fill}">${escapeHtml(drawable)}</text>`;
}
