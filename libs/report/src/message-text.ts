import type { Notification } from '@plumbline/contracts';
import { messageOutline } from './message-outline.js';
import { factsText, itemsText, listText } from './report-text.js';
import { TEXT_COLUMNS, wrapText } from './wrap-text.js';

/** Returns a message as plain text of at most 78 columns; only addresses may be longer, because a broken one leads nowhere. */
export function messageText(notification: Notification): string {
  const outline = messageOutline(notification);
  const links = outline.links.map(({ text, url }) => `${text}:\n${url}`);
  return [
    `${wrapText(`${outline.status.toUpperCase()}: ${outline.headline}`)}\n${'='.repeat(TEXT_COLUMNS)}`,
    factsText(outline.facts),
    itemsText(outline.items, outline.moreItems),
    listText('What changed recently', outline.recentChanges),
    listText('Also known', outline.remarks),
    links.join('\n'),
    // "-- " is what mail programs take for the beginning of a signature.
    `-- \n${wrapText(outline.footer)}`,
  ]
    .filter((section) => section !== '')
    .join('\n\n')
    .concat('\n');
}
