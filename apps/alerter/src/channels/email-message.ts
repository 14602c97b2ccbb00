import { createHash } from 'node:crypto';
import type { Notification } from '@plumbline/contracts';
import { messageHeadline, messageHtml, messageText, plainSentence } from '@plumbline/report';
import type { SendMailOptions } from 'nodemailer';
import { z } from 'zod';
import type { EmailChart } from './email-chart.js';

/** What later messages of an incident take from the first: the subject, and what they answer to. */
const threadSchema = z.object({ subject: z.string().max(400), messageId: z.string().max(400) });
export type EmailThread = z.infer<typeof threadSchema>;

export interface EmailAddresses {
  readonly from: string;
  readonly to: readonly string[];
}

/** Returns the thread that a channel remembered; undefined when there is none, or it is not one. */
export function readThread(memory: string): EmailThread | undefined {
  if (memory === '') return undefined;
  try {
    return threadSchema.safeParse(JSON.parse(memory)).data;
  } catch {
    return undefined;
  }
}

/**
 * Returns a notification as an e-mail, byte for byte the same on each attempt, and the thread it belongs to.
 *
 * The Message-ID is made of the notification's id. All messages of an incident refer to an id made of the incident's, and to the first
 * of them where that is known, under one subject: what mail programs thread by.
 */
export function emailMessage(
  notification: Notification,
  { from, to }: EmailAddresses,
  known: EmailThread | undefined,
  chart: EmailChart | undefined,
): { readonly message: SendMailOptions; readonly thread: EmailThread } {
  const domain = domainOf(from);
  const messageId = messageIdOf(notification.id, from);
  const root = `<incident.${idPart(notification.incidentId)}@${domain}>`;
  const thread = known ?? { subject: `[Plumbline] ${messageHeadline(notification)}`, messageId };
  const urgent = notification.status === 'firing' && notification.severity === 'critical';
  const cid = `chart.${idPart(notification.id)}@${domain}`;
  const message: SendMailOptions = {
    ...common(notification.id, { from, to }, notification.createdAtMs),
    subject: thread.subject,
    references: known === undefined ? [root] : [root, known.messageId],
    ...(known === undefined ? {} : { inReplyTo: known.messageId }),
    text: messageText(notification),
    html: messageHtml(
      notification,
      chart === undefined ? undefined : { src: `cid:${cid}`, alt: chart.alt, width: chart.width },
    ),
    attachments:
      chart === undefined
        ? []
        : [
            {
              filename: 'chart.png',
              content: Buffer.from(chart.png),
              contentType: 'image/png',
              contentDisposition: 'inline',
              cid,
            },
          ],
    headers: {
      ...AUTOMATIC,
      'X-Plumbline-Incident': idPart(notification.incidentId),
      'X-Plumbline-Status': notification.status,
      ...(urgent ? { Importance: 'high' } : {}),
    },
  };
  return { message, thread };
}

export interface PlainEmail {
  /** The same on each attempt, and of no other message. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  readonly atMs: number;
}

/** Returns an e-mail of text alone, the same on each attempt. */
export function plainEmail({ id, subject, text, atMs }: PlainEmail, addresses: EmailAddresses): SendMailOptions {
  return { ...common(id, addresses, atMs), subject: plainSentence(subject), text, headers: AUTOMATIC };
}

/** No out-of-office answer to a machine. */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' } as const;

function common(id: string, { from, to }: EmailAddresses, atMs: number): SendMailOptions {
  return {
    from: { name: 'Plumbline', address: from },
    to: [...to],
    messageId: messageIdOf(id, from),
    date: new Date(atMs),
    baseBoundary: hashOf(id),
    // Nothing in a message may make the server read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function messageIdOf(id: string, from: string): string {
  return `<${idPart(id)}@${domainOf(from)}>`;
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** The id itself where it may stand left of an @, else a hash of it. */
function idPart(id: string): string {
  return /^[\w-]+(\.[\w-]+)*$/.test(id) && id.length <= 120 ? id : hashOf(id);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
