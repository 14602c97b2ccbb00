import type { AlertFinding, Notification } from '@plumbline/contracts';
import {
  distributionBars,
  largest,
  messageOutline,
  type MessageOutline,
  messageTitle,
  type OutlineItem,
  type MessageTone,
} from '@plumbline/report';
import type { KnownBlock, MrkdwnElement } from '@slack/types';
import { slackText } from './slack-text.js';

/** What chat.postMessage, chat.update and incoming webhooks take alike. */
export interface SlackMessage {
  /** For notifications and screen readers. */
  readonly text: string;
  readonly blocks: KnownBlock[];
  readonly attachments?: { readonly color: string; readonly fallback: string; readonly blocks: KnownBlock[] }[];
}

// What Slack takes: https://docs.slack.dev/reference/block-kit/blocks
const MAX_HEADER = 150;
const MAX_SECTION = 3000;
const MAX_FIELDS = 10;
const MAX_CONTEXTS = 10;
const MAX_URL = 3000;

/** Of ours, so that a message as a whole stays well below what Slack refuses as too long. */
const MAX_TEXT = 300;
const MAX_FIELD = 300;
const MAX_ITEM = 700;
const MAX_LINE = 250;
const MAX_ITEMS = 8;
const MAX_REPLY_ITEMS = 12;
const MAX_CHANGES = 8;
const MAX_REMARKS = 5;

const SIGNS: Readonly<Record<MessageTone, string>> = { critical: '🔴', warning: '🟠', resolved: '✅', neutral: '⚪' };
const COLORS: Readonly<Record<MessageTone, string>> = {
  critical: '#d92d20',
  warning: '#f79009',
  resolved: '#12b76a',
  neutral: '#98a2b3',
};

/** Returns the one message of an incident as it stands now: a heading, and beside a bar in the colour of its state all a person asks first. */
export function slackMessage(notification: Notification): SlackMessage {
  const outline = messageOutline(notification);
  const text = fallbackText(notification, outline);
  return {
    text,
    blocks: [
      {
        type: 'header',
        text: {
          type: 'plain_text',
          // Names may hold ":smile:", which is to be read, not seen.
          emoji: false,
          text: slackText(`${SIGNS[outline.tone]} ${outline.status}: ${outline.headline}`, MAX_HEADER),
        },
      },
    ],
    attachments: [{ color: COLORS[outline.tone], fallback: text, blocks: details(outline) }],
  };
}

/** Returns what is added to the thread of an incident when it changes. */
export function slackReply(notification: Notification): SlackMessage {
  const outline = messageOutline(notification);
  const lines = [
    `${SIGNS[outline.tone]} *${slackText(`${outline.status}: ${outline.headline}`, MAX_TEXT)}*`,
    ...outline.items.slice(0, MAX_REPLY_ITEMS).map(itemLine),
    ...moreLines(outline, MAX_REPLY_ITEMS),
  ];
  return {
    text: fallbackText(notification, outline),
    blocks: [section(within(lines, MAX_SECTION)), contextOf([outline.footer])],
  };
}

function fallbackText(notification: Notification, { tone }: MessageOutline): string {
  return slackText(`${SIGNS[tone]} ${messageTitle(notification)}`, MAX_TEXT);
}

function details(outline: MessageOutline): KnownBlock[] {
  const { facts, items, recentChanges, remarks, links, footer } = outline;
  const fields = facts
    .slice(0, MAX_FIELDS)
    .map(([name, value]) => mrkdwn(`*${slackText(name, 50)}*\n${slackText(value, MAX_FIELD)}`));
  const changes = recentChanges.slice(0, MAX_CHANGES).map((line) => `• ${slackText(line, MAX_LINE)}`);
  const buttons = links
    .filter(({ url }) => url.length <= MAX_URL)
    .map(({ text, url }, index) => ({
      type: 'button' as const,
      action_id: `link-${index}`,
      text: { type: 'plain_text' as const, text: slackText(text, 75), emoji: false },
      url,
    }));
  return [
    ...(fields.length === 0 ? [] : [{ type: 'section' as const, fields }]),
    ...items.slice(0, MAX_ITEMS).map((item) => section(itemText(item))),
    ...moreLines(outline, MAX_ITEMS).map((line) => section(line)),
    ...(changes.length === 0 ? [] : [section(['*What changed recently*', ...changes].join('\n'))]),
    ...(remarks.length === 0 ? [] : [contextOf(remarks.slice(0, MAX_REMARKS))]),
    ...(buttons.length === 0 ? [] : [{ type: 'actions' as const, elements: buttons }]),
    contextOf([footer]),
  ];
}

/** A finding whole: its name and state, the change, the numbers, the chart. */
function itemText(item: OutlineItem): string {
  const reason = item.change === '' ? item.reason : '';
  const lines = [
    itemHead(item),
    ...[item.change, reason].filter((line) => line !== '').map((line) => slackText(line, MAX_LINE)),
    ...(item.evidence.length === 0 ? [] : [slackText(item.evidence.join(' · '), MAX_LINE)]),
    ...charts(item.distribution),
  ];
  return within(lines, MAX_ITEM);
}

function itemLine(item: OutlineItem): string {
  const rest = [item.change, ...item.evidence].filter((part) => part !== '').join(' · ');
  return rest === '' ? itemHead(item) : `${itemHead(item)}: ${slackText(rest, MAX_LINE)}`;
}

function itemHead({ name, state, tone }: OutlineItem): string {
  return `${SIGNS[tone]} *${slackText(name, 120)}* (${slackText(state, 120)})`;
}

function charts(distribution: AlertFinding['distribution']): string[] {
  if (distribution === undefined || distribution.current.length === 0) return [];
  const { reference, current } = distribution;
  const max = largest(reference, current);
  return [`\`${distributionBars(reference, max)}\` reference   \`${distributionBars(current, max)}\` this window`];
}

function moreLines({ items, moreItems }: MessageOutline, shown: number): string[] {
  const more = moreItems + Math.max(0, items.length - shown);
  return more === 0 ? [] : [`and ${more} more`];
}

/** The lines as far as they fit: a line that is cut could lose the end of its mark-up. */
function within(lines: readonly string[], maxLength: number): string {
  let text = lines[0] ?? ' ';
  for (const line of lines.slice(1)) {
    if (text.length + 1 + line.length > maxLength - 2) return `${text}\n…`;
    text += `\n${line}`;
  }
  return text;
}

function section(text: string): KnownBlock {
  return { type: 'section', text: mrkdwn(text) };
}

function contextOf(lines: readonly string[]): KnownBlock {
  return { type: 'context', elements: lines.slice(0, MAX_CONTEXTS).map((line) => mrkdwn(slackText(line, MAX_TEXT))) };
}

/** Verbatim: names and addresses in it are not made links or mentions. */
function mrkdwn(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}
