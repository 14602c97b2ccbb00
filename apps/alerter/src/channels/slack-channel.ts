import type { Notification, ReceiverDeclaration } from '@plumbline/contracts';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { GuardedHttp } from '../egress/guarded-http.js';
import { secretForms } from '../secrets/secret-form.js';
import type { Secrets } from '../secrets/secrets.js';
import type { Attempt, Channel, SendResult } from './channel.js';
import { slackClient } from './slack-client.js';
import { isRefusedRead, slackErrorCode, slackFailure } from './slack-failure.js';
import { slackMessage, slackReply } from './slack-message.js';

export type SlackDeclaration = Extract<ReceiverDeclaration, { channel: 'slack' }>;

/** Where the message of an incident lies, and which notification its thread was told of last. */
const memorySchema = z.object({ channel: z.string(), ts: z.string(), told: z.string() });
type Memory = z.infer<typeof memorySchema>;

const EVENT_TYPE = 'plumbline_notification';
/** How far back, and through how many messages, we look for a post of our own. */
const LOOKBACK_MS = 24 * 3_600_000;
const LOOKBACK_MESSAGES = 100;

/** The message is gone or cannot be changed any more: another takes its place. */
const UNCHANGEABLE = new Set(['cant_update_message', 'edit_window_closed', 'message_not_found', 'update_failed']);

/**
 * Posts one message for each incident to a channel of Slack, keeps it up to date, and tells of each change in its thread.
 *
 * Slack knows no idempotency key that apps may use. So a post bears the ids of incident and notification as metadata, and where an
 * attempt may be a repetition, the channel's history is searched for it first. Without the scope that this needs (channels:history,
 * groups:history) a crash between post and record posts twice; updates and, by what is remembered, thread replies do not double.
 */
export class SlackChannel implements Channel {
  readonly collapses = true;
  readonly showsAcknowledgement = true;
  /** What chat.update takes; chat.postMessage takes one a second for each channel. */
  readonly perMinute = 50;

  constructor(
    private readonly declaration: SlackDeclaration,
    private readonly http: GuardedHttp,
    private readonly secrets: Secrets,
  ) {}

  async send(notification: Notification, attempt: Attempt, signal: AbortSignal): Promise<SendResult> {
    signal.throwIfAborted();
    const token = await this.secrets.read(this.declaration.token, secretForms.slackToken);
    if (!token.ok) return { outcome: 'retryable', status: 0, detail: token.problem };
    const { attemptedAtMs: nowMs } = attempt;
    const client = slackClient({ http: this.http, url: this.declaration.url, token: token.value, nowMs, signal });
    try {
      const memory = await this.tell(client, notification, attempt);
      return { outcome: 'delivered', status: 200, detail: '', memory: JSON.stringify(memory) };
    } catch (error) {
      signal.throwIfAborted();
      return slackFailure(error, nowMs);
    }
  }

  private async tell(client: WebClient, notification: Notification, attempt: Attempt): Promise<Memory> {
    const known = memoryOf(attempt.memory) ?? (await this.findOpening(client, notification, attempt));
    if (known === undefined || !(await update(client, notification, known))) return this.open(client, notification);
    if (known.told === notification.id) return known;
    if (!attempt.mayBeRepeated || !(await isInThread(client, notification, known))) {
      await reply(client, notification, known);
    }
    return { ...known, told: notification.id };
  }

  private async open(client: WebClient, notification: Notification): Promise<Memory> {
    const { channel, ts } = await client.chat.postMessage({
      ...slackMessage(notification),
      channel: this.declaration.to,
      metadata: metadataOf(notification),
      unfurl_links: false,
      unfurl_media: false,
    });
    // Without a time stamp it cannot be changed: what comes next is posted anew.
    return { channel: channel ?? this.declaration.to, ts: ts ?? '', told: notification.id };
  }

  /** Looks for the message of the incident where it may have been posted without our having kept where. */
  private async findOpening(
    client: WebClient,
    notification: Notification,
    attempt: Attempt,
  ): Promise<Memory | undefined> {
    if (!attempt.mayBeRepeated && notification.sequence === 0) return undefined;
    const posts = await readPosts(() =>
      client.conversations.history({
        channel: this.declaration.to,
        oldest: String(Math.floor((notification.createdAtMs - LOOKBACK_MS) / 1000)),
        limit: LOOKBACK_MESSAGES,
        include_all_metadata: true,
      }),
    );
    const post = posts.find(({ incidentId, opens }) => opens && incidentId === notification.incidentId);
    return post && { channel: this.declaration.to, ts: post.ts, told: post.notificationId };
  }
}

/** Brings the message of the incident up to date; false when it cannot be changed any more. */
async function update(client: WebClient, notification: Notification, { channel, ts }: Memory): Promise<boolean> {
  if (ts === '') return false;
  try {
    await client.chat.update({ ...slackMessage(notification), channel, ts });
    return true;
  } catch (error) {
    if (UNCHANGEABLE.has(slackErrorCode(error) ?? '')) return false;
    throw error;
  }
}

/** Tells of a change in the thread; in the channel too where somebody is to look again. */
async function reply(client: WebClient, notification: Notification, { channel, ts }: Memory): Promise<void> {
  const { cause } = notification;
  await client.chat.postMessage({
    ...slackReply(notification),
    channel,
    thread_ts: ts,
    reply_broadcast: cause === 'escalated' || cause === 'repeated',
    metadata: metadataOf(notification),
    unfurl_links: false,
    unfurl_media: false,
  });
}

async function isInThread(
  client: WebClient,
  { id, createdAtMs }: Notification,
  { channel, ts }: Memory,
): Promise<boolean> {
  const posts = await readPosts(() =>
    client.conversations.replies({
      channel,
      ts,
      oldest: String(Math.floor((createdAtMs - LOOKBACK_MS) / 1000)),
      limit: LOOKBACK_MESSAGES,
      include_all_metadata: true,
    }),
  );
  return posts.some(({ notificationId, opens }) => !opens && notificationId === id);
}

interface Post {
  readonly ts: string;
  readonly incidentId: string;
  readonly notificationId: string;
  /** It is not a reply. */
  readonly opens: boolean;
}

const postSchema = z.object({
  ts: z.string(),
  thread_ts: z.string().optional(),
  metadata: z.object({
    event_type: z.literal(EVENT_TYPE),
    event_payload: z.object({ incident_id: z.string(), notification_id: z.string() }),
  }),
});

/** Returns our own posts of a list; none where the app may not read the channel, which a receiver need not permit. */
async function readPosts(call: () => Promise<{ readonly messages?: readonly unknown[] }>): Promise<Post[]> {
  try {
    const { messages = [] } = await call();
    return messages.flatMap((message) => {
      const { success, data } = postSchema.safeParse(message);
      if (!success) return [];
      const { ts, thread_ts: threadTs = ts, metadata } = data;
      const { incident_id: incidentId, notification_id: notificationId } = metadata.event_payload;
      return [{ ts, incidentId, notificationId, opens: threadTs === ts }];
    });
  } catch (error) {
    if (!isRefusedRead(error)) throw error;
    return [];
  }
}

function metadataOf({ incidentId, id }: Notification) {
  return { event_type: EVENT_TYPE, event_payload: { incident_id: incidentId, notification_id: id } };
}

function memoryOf(text: string): Memory | undefined {
  if (text === '') return undefined;
  try {
    return memorySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
