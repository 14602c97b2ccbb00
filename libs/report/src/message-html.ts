import type { DistributionPair, Notification } from '@plumbline/contracts';
import { distributionBars, largest } from './distribution-bars.js';
import { escapeHtml } from './escape-html.js';
import { plain } from './plain.js';
import { type MessageOutline, messageOutline, type OutlineItem, type MessageTone } from './message-outline.js';

/** A picture of the worst distribution, where the message carries one. */
export interface MessageChart {
  /** Address of the picture: "cid:…" in an e-mail. */
  readonly src: string;
  readonly alt: string;
  readonly width: number;
}

const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'DejaVu Sans',Helvetica,Arial,sans-serif";
const TONES: Readonly<Record<MessageTone, string>> = {
  critical: '#b42318',
  warning: '#b25e09',
  resolved: '#177245',
  neutral: '#475467',
};
/** Mail programs that know the dark scheme read this; the others see the inline styles. */
const DARK = [
  ['page', 'background:#11141a'],
  ['card', 'background:#1b2029;border-color:#343c4a'],
  ['ink', 'color:#eceff4'],
  ['faint', 'color:#a8b2c1'],
  ['line', 'border-color:#343c4a'],
  ['link', 'color:#8ab4f8'],
  ['button', 'background:#2a3140;border-color:#465063;color:#eceff4'],
]
  .map(([name, style]) => `.${name}{${style!.replaceAll(';', '!important;')}!important}`)
  .join('');

/**
 * Returns a message as an HTML document for mail programs: tables and inline styles, no script, nothing that is fetched, light and
 * dark, readable from 320 pixels of width.
 */
export function messageHtml(notification: Notification, chart?: MessageChart): string {
  const outline = messageOutline(notification);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(`${outline.status}: ${outline.headline}`)}</title>`,
    `<style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){${DARK}}</style></head>`,
    `<body class="page" style="margin:0;padding:0;background:#f2f4f7;${FONT}">`,
    // What lists of messages show beside the subject.
    `<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(preview(outline))}</div>`,
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:12px 8px">',
    '<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" ',
    'style="max-width:620px;table-layout:fixed;background:#ffffff;border:1px solid #d8dee8;border-radius:10px;text-align:left">',
    `<tr><td style="height:6px;line-height:6px;font-size:0;background:${TONES[outline.tone]};border-radius:9px 9px 0 0">&nbsp;</td></tr>`,
    row(heading(outline), '18px 20px 4px'),
    outline.links.length === 0 ? '' : row(buttons(outline), '8px 20px 4px'),
    outline.facts.length === 0 ? '' : row(factsHtml(outline), '8px 20px'),
    chart === undefined ? '' : row(chartHtml(chart), '8px 20px'),
    outline.items.length + outline.moreItems === 0 ? '' : row(itemsHtml(outline, chart !== undefined), '4px 20px'),
    listHtml('What changed recently', outline.recentChanges),
    listHtml('Also known', outline.remarks),
    row(
      `<div class="faint line" style="border-top:1px solid #e4e8ef;padding-top:12px;font-size:12px;line-height:1.45;color:#667085;${BREAK}">${textHtml(outline.footer)}</div>`,
      '12px 20px 18px',
    ),
    '</table></td></tr></table></body></html>',
  ].join('');
}

/** Names of users may be one word of two hundred letters. */
const BREAK = 'overflow-wrap:anywhere;word-break:break-word';

function preview({ status, items, facts }: MessageOutline): string {
  const [worst] = items;
  return [status, ...(worst === undefined ? [] : [worst.name, worst.change || worst.reason]), facts[0]?.[1] ?? '']
    .filter((part) => part !== '')
    .join(' · ');
}

function row(content: string, padding: string): string {
  return `<tr><td style="padding:${padding}">${content}</td></tr>`;
}

/** Names in it that are written from right to left are isolated by characters already. */
function textHtml(text: string): string {
  return `<bdi dir="ltr">${escapeHtml(text)}</bdi>`;
}

function chip(text: string, tone: MessageTone): string {
  return `<span style="display:inline-block;padding:2px 8px;border-radius:10px;background:${TONES[tone]};color:#ffffff;font-size:12px;font-weight:600;line-height:1.4;${BREAK}">${textHtml(text)}</span>`;
}

function heading({ status, tone, headline }: MessageOutline): string {
  return `${chip(status, tone)}<h1 class="ink" style="margin:8px 0 0;font-size:20px;line-height:1.3;font-weight:650;color:#101828;${BREAK}">${textHtml(headline)}</h1>`;
}

function buttons({ links }: MessageOutline): string {
  return links
    .map(
      ({ text, url }) =>
        `<a class="button" href="${escapeHtml(url)}" style="display:inline-block;margin:4px 6px 4px 0;padding:8px 14px;border:1px solid #cbd3df;border-radius:7px;background:#f7f9fc;color:#1d2939;font-size:14px;font-weight:600;text-decoration:none">${escapeHtml(text)}</a>`,
    )
    .join('');
}

function factsHtml({ facts }: MessageOutline): string {
  const rows = facts.map(
    ([name, value]) =>
      `<tr><td class="faint" valign="top" style="width:112px;padding:3px 12px 3px 0;font-size:13px;color:#667085">${escapeHtml(name)}</td>` +
      `<td class="ink" valign="top" style="padding:3px 0;font-size:14px;color:#1d2939;${BREAK}">${textHtml(value)}</td></tr>`,
  );
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed">${rows.join('')}</table>`;
}

function chartHtml({ src, alt, width }: MessageChart): string {
  return `<img src="${escapeHtml(src)}" alt="${escapeHtml(alt)}" width="${width}" style="display:block;width:100%;max-width:${width}px;height:auto;border:0;border-radius:8px">`;
}

function itemsHtml({ items, moreItems }: MessageOutline, charted: boolean): string {
  const first = items.findIndex(({ distribution }) => distribution !== undefined);
  const blocks = items.map((item, index) => itemHtml(item, index + 1, charted && index === first));
  const more =
    moreItems === 0
      ? ''
      : `<div class="faint line" style="border-top:1px solid #e4e8ef;padding:10px 0;font-size:13px;color:#667085">and ${moreItems} more</div>`;
  return blocks.join('') + more;
}

/** @param charted its distribution is shown as a picture already */
function itemHtml(item: OutlineItem, position: number, charted: boolean): string {
  const change = item.change === '' ? item.reason : item.change;
  return [
    '<div class="line" style="border-top:1px solid #e4e8ef;padding:10px 0">',
    `<div class="ink" style="font-size:15px;font-weight:650;line-height:1.5;color:#101828;${BREAK}">${position}. ${textHtml(item.name)} ${chip(item.word, item.tone)}</div>`,
    item.acknowledged === '' ? '' : faintLine(item.acknowledged),
    change === ''
      ? ''
      : `<div class="ink" style="font-size:14px;line-height:1.45;padding-top:2px;color:#1d2939;${BREAK}">${textHtml(change)}</div>`,
    faintLine([...item.evidence, `monitor ${item.monitor}`].join(' · ')),
    item.distribution === undefined || charted ? '' : barsHtml(item.distribution),
    '</div>',
  ].join('');
}

function faintLine(text: string): string {
  return `<div class="faint" style="font-size:13px;line-height:1.45;padding-top:2px;color:#667085;${BREAK}">${textHtml(text)}</div>`;
}

function barsHtml({ labels, reference, current }: DistributionPair): string {
  const max = largest(reference, current);
  const line = (name: string, shares: readonly number[], colour: string): string =>
    `<tr><td class="faint" style="padding:0 10px 0 0;font-size:12px;color:#667085">${name}</td>` +
    `<td style="font-size:16px;line-height:1.2;letter-spacing:1px;color:${colour};font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace">${distributionBars(shares, max)}</td></tr>`;
  const ends = `${plain(labels[0] ?? '', 24)} … ${plain(labels.at(-1) ?? '', 24)}`;
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin-top:4px">${line('reference', reference, '#98a2b3')}${line('this window', current, '#c2410c')}</table>${faintLine(ends)}`;
}

function listHtml(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const items = lines.map(
    (line) =>
      `<li class="ink" style="margin:4px 0;font-size:14px;line-height:1.45;color:#1d2939;${BREAK}">${textHtml(line)}</li>`,
  );
  return row(
    `<h2 class="ink" style="margin:6px 0 2px;font-size:14px;font-weight:650;color:#101828">${escapeHtml(title)}</h2><ul style="margin:4px 0;padding-left:20px">${items.join('')}</ul>`,
    '4px 20px',
  );
}
