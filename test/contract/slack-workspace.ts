import type { ReceivedRequest, RemoteBehaviour } from './http-receiver.js';
import { slackFaults } from './slack-faults.js';

export const SLACK_TOKEN = 'xoxb-1234-abcd';
export const SLACK_CHANNEL = 'C012AB3CD';

export interface SlackPost {
  readonly ts: string;
  readonly thread_ts?: string;
  readonly reply_broadcast?: boolean;
  content: Readonly<Record<string, unknown>>;
  edits: number;
}

/**
 * A workspace with one channel that answers as Slack's Web API is documented to: form bodies with JSON inside, errors as 200 with
 * `ok: false`, limits enforced.
 */
export class SlackWorkspace {
  readonly posts: SlackPost[] = [];
  /** Methods in the order in which they were called. */
  readonly calls: string[] = [];
  mayReadHistory = true;
  /** Given in place of the answer to the next calls of a method, after the call had its effect. */
  readonly answersLost = new Set<string>();
  private clock = 1_767_830_400;

  readonly answer = (request: ReceivedRequest): RemoteBehaviour => {
    const method = /^\/api\/([a-zA-Z.]+)$/.exec(request.path)?.[1] ?? '';
    this.calls.push(method);
    const reply = this.reply(method, request);
    if (this.answersLost.delete(method)) return 'close';
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(reply) };
  };

  /** Posts of the channel itself, in the order in which they appear there. */
  get roots(): readonly SlackPost[] {
    return this.posts.filter(({ thread_ts: threadTs }) => threadTs === undefined);
  }

  get replies(): readonly SlackPost[] {
    return this.posts.filter(({ thread_ts: threadTs }) => threadTs !== undefined);
  }

  remove(ts: string): void {
    this.posts.splice(
      this.posts.findIndex((post) => post.ts === ts),
      1,
    );
  }

  private reply(method: string, { headers, body }: ReceivedRequest): object {
    if (headers.authorization !== `Bearer ${SLACK_TOKEN}`) return { ok: false, error: 'invalid_auth' };
    if (!String(headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
      return { ok: false, error: 'invalid_post_type' };
    }
    const given = slackArguments(body);
    if (given['channel'] !== SLACK_CHANNEL) return { ok: false, error: 'channel_not_found' };
    switch (method) {
      case 'chat.postMessage':
        return this.post(given);
      case 'chat.update':
        return this.update(given);
      case 'conversations.history':
        return this.read(
          given,
          ({ thread_ts: threadTs, reply_broadcast: broadcast }) => !threadTs || broadcast === true,
        );
      case 'conversations.replies':
        return this.read(given, ({ ts, thread_ts: threadTs }) => (threadTs ?? ts) === given['ts']);
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }

  private post(content: Readonly<Record<string, unknown>>): object {
    const faults = slackFaults(content);
    if (faults.length > 0) return { ok: false, error: `invalid_blocks: ${faults.join(', ')}` };
    const { thread_ts: threadTs, reply_broadcast: broadcast } = content;
    if (threadTs !== undefined && !this.posts.some(({ ts }) => ts === threadTs)) {
      return { ok: false, error: 'thread_not_found' };
    }
    const ts = `${++this.clock}.000100`;
    this.posts.push({
      ts,
      content,
      edits: 0,
      ...(typeof threadTs === 'string' ? { thread_ts: threadTs, reply_broadcast: broadcast === true } : {}),
    });
    return { ok: true, channel: SLACK_CHANNEL, ts };
  }

  private update(content: Readonly<Record<string, unknown>>): object {
    const faults = slackFaults(content);
    if (faults.length > 0) return { ok: false, error: `invalid_blocks: ${faults.join(', ')}` };
    const post = this.posts.find(({ ts }) => ts === content['ts']);
    if (post === undefined) return { ok: false, error: 'message_not_found' };
    // Metadata stay unless others are given.
    post.content = { metadata: post.content['metadata'], ...content };
    post.edits += 1;
    return { ok: true, channel: SLACK_CHANNEL, ts: post.ts };
  }

  private read(given: Readonly<Record<string, unknown>>, shown: (post: SlackPost) => boolean): object {
    if (!this.mayReadHistory) return { ok: false, error: 'missing_scope', needed: 'channels:history' };
    const withMetadata = given['include_all_metadata'] === true;
    const messages = this.posts
      .filter((post) => shown(post) && Number(post.ts) >= Number(given['oldest']))
      .reverse()
      .map(({ ts, thread_ts: threadTs, content }) => ({
        type: 'message',
        ts,
        text: content['text'],
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
        ...(withMetadata && content['metadata'] !== undefined ? { metadata: content['metadata'] } : {}),
      }));
    return {
      ok: true,
      messages: [{ type: 'message', subtype: 'channel_join', ts: '1.0' }, ...messages],
      has_more: false,
    };
  }
}

/** Returns the arguments of a call: what is JSON in the form as what it says, numbers of time stamps as they are. */
export function slackArguments(body: string): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    given[name] = /^[[{]|^(?:true|false)$/.test(value) ? (JSON.parse(value) as unknown) : value;
  }
  return given;
}
