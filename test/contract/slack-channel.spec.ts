import { receiverDeclarationSchema, type Notification } from '@plumbline/contracts';
import { SlackChannel, type SlackDeclaration } from '../../apps/alerter/src/channels/slack-channel.js';
import type { Attempt, SendResult } from '../../apps/alerter/src/channels/channel.js';
import {
  alertOf,
  describeChannel,
  FIRST_ATTEMPT,
  LINKS,
  notificationOf,
  NOW_MS,
  reportOf,
} from './channel.contract.js';
import { httpChannel, type HttpChannelOptions, type HttpChannelUnderTest } from './http-channel.js';
import type { ReceivedRequest, RemoteBehaviour } from './http-receiver.js';
import { slackFaults } from './slack-faults.js';
import { SLACK_CHANNEL, SLACK_TOKEN, slackArguments, SlackWorkspace } from './slack-workspace.js';

const environment = { SLACK: SLACK_TOKEN, REVOKED: 'xoxb-9999-zzzz', BAD: 'hunter2' };
const live = new AbortController().signal;

function slack(
  behaviour: RemoteBehaviour | ((request: ReceivedRequest) => RemoteBehaviour),
  values: object = {},
  options: HttpChannelOptions = {},
): Promise<HttpChannelUnderTest> {
  return httpChannel(
    behaviour,
    ({ http, secrets, receiver }) => {
      const declaration = receiverDeclarationSchema.parse({
        channel: 'slack',
        token: { env: 'SLACK' },
        to: SLACK_CHANNEL,
        url: `${receiver.origin}/api/`,
        ...values,
      });
      return new SlackChannel(declaration as SlackDeclaration, http, secrets);
    },
    { environment, decode: ({ body }) => JSON.stringify(slackArguments(body)), ...options },
  );
}

describeChannel('SlackChannel', () => slack(new SlackWorkspace().answer), {
  remote: (behaviour) => slack(behaviour),
  faultsOf: (received) => {
    const given = JSON.parse(received) as Record<string, unknown>;
    // What reads history has no content.
    return 'include_all_metadata' in given ? [] : slackFaults(given);
  },
});

const resolved = { status: 'resolved', resolvedAtMs: NOW_MS + 3_600_000 } as const;
const INCIDENT: readonly Notification[] = [
  notificationOf({ report: reportOf(), links: LINKS }),
  notificationOf({ id: 'delivery-2', sequence: 1, cause: 'escalated' }),
  notificationOf({
    id: 'delivery-3',
    sequence: 2,
    cause: 'acknowledged',
    acknowledgedBy: 'Ada',
    alerts: [alertOf({ acknowledged: { by: 'Ada', note: 'on it', atMs: NOW_MS } })],
  }),
  notificationOf({
    id: 'delivery-4',
    sequence: 3,
    cause: 'resolved',
    status: 'resolved',
    severity: 'ok',
    alerts: [alertOf(resolved)],
  }),
];

describe('SlackChannel', () => {
  let workspace: SlackWorkspace;
  let underTest: HttpChannelUnderTest;
  beforeEach(async () => {
    workspace = new SlackWorkspace();
    underTest = await slack(workspace.answer);
  });
  afterEach(() => underTest.close());

  const send = (notification: Notification, attempt: Partial<Attempt> = {}) =>
    underTest.channel.send(notification, { ...FIRST_ATTEMPT, ...attempt }, live);
  const memoryOf = (result: SendResult): string => {
    if (result.outcome !== 'delivered') throw new Error(`${result.outcome}: ${result.detail}`);
    return result.memory ?? '';
  };
  /** Sends one after the other as the pipeline does: with what the one before has left. */
  const sendAll = async (notifications: readonly Notification[], memory = ''): Promise<string> => {
    for (const notification of notifications) memory = memoryOf(await send(notification, { memory }));
    return memory;
  };
  const textOf = (post: { readonly content: Readonly<Record<string, unknown>> } | undefined) =>
    JSON.stringify(post?.content);

  it('keeps one message for an incident up to date, and tells of each change in its thread', async () => {
    await sendAll(INCIDENT);
    expect(workspace.roots).toHaveLength(1);
    const [root] = workspace.roots;
    expect(root!.edits).toBe(3);
    expect(textOf(root)).toContain('✅ Resolved');
    expect(textOf(root)).toContain('#12b76a');
    expect(workspace.replies.map(({ thread_ts: threadTs }) => threadTs)).toEqual([root!.ts, root!.ts, root!.ts]);
    expect(
      workspace.replies.map((reply) => /Critical|acknowledged by Ada: on it|Resolved/.exec(textOf(reply))?.[0]),
    ).toEqual(['Critical', 'Critical', 'Resolved']);
    expect(textOf(workspace.replies[1])).toContain('acknowledged by Ada: on it');
    // Those who follow the channel look again when it became worse.
    expect(workspace.replies.map(({ reply_broadcast: broadcast }) => broadcast)).toEqual([true, false, false]);
  });

  it('shows in one look what happened, and where to go', async () => {
    await sendAll(INCIDENT.slice(0, 1));
    const { blocks, attachments } = workspace.roots[0]!.content as {
      blocks: unknown[];
      attachments: { color: string; blocks: { type: string; elements?: { url?: string }[] }[] }[];
    };
    expect(blocks).toEqual([
      {
        type: 'header',
        text: { type: 'plain_text', emoji: false, text: '🔴 Critical: loan 1: car_value has drifted' },
      },
    ]);
    const [attachment] = attachments;
    expect(attachment!.color).toBe('#d92d20');
    expect(attachment!.blocks.map(({ type }) => type)).toEqual(['section', 'section', 'section', 'actions', 'context']);
    const text = JSON.stringify(attachment);
    for (const part of [
      '*Model*',
      '*Firing since*',
      'mean 41.2 → 52.7',
      'PSI 0.41 (threshold 0.25)',
      '62 % of the shift',
      '`▇▅▃` reference',
      '`▂▅█` this window',
      'version 1 was first seen',
    ]) {
      expect(text).toContain(part);
    }
    const links = attachment!.blocks.find(({ type }) => type === 'actions')!.elements!.map(({ url }) => url);
    expect(new Set(links)).toEqual(new Set(Object.values(LINKS)));
  });

  it('posts nothing twice when an answer was lost and the attempt is made again', async () => {
    const [opening, change] = INCIDENT;
    workspace.answersLost.add('chat.postMessage');
    expect(await send(opening!)).toMatchObject({ outcome: 'retryable', status: 0 });
    const memory = memoryOf(await send(opening!, { mayBeRepeated: true }));
    expect(workspace.posts).toHaveLength(1);
    workspace.answersLost.add('chat.postMessage');
    expect(await send(change!, { memory })).toMatchObject({ outcome: 'retryable' });
    memoryOf(await send(change!, { memory, mayBeRepeated: true }));
    expect([workspace.roots.length, workspace.replies.length]).toEqual([1, 1]);
  });

  it('finds the message of an incident whose place was never kept', async () => {
    workspace.answersLost.add('chat.postMessage');
    await send(INCIDENT[0]!);
    await sendAll(INCIDENT.slice(1));
    expect([workspace.roots.length, workspace.replies.length]).toEqual([1, 3]);
  });

  it('reads no history where a message cannot have been posted before', async () => {
    await sendAll(INCIDENT);
    expect(new Set(workspace.calls)).toEqual(new Set(['chat.postMessage', 'chat.update']));
  });

  it('works without the right to read history; then a lost answer is a second post', async () => {
    workspace.mayReadHistory = false;
    workspace.answersLost.add('chat.postMessage');
    await send(INCIDENT[0]!);
    const memory = memoryOf(await send(INCIDENT[0]!, { mayBeRepeated: true }));
    expect(workspace.roots).toHaveLength(2);
    await sendAll(INCIDENT.slice(1), memory);
    expect([workspace.roots.length, workspace.replies.length]).toEqual([2, 3]);
  });

  it('says nothing again when a message is sent again that its thread was told of', async () => {
    workspace.mayReadHistory = false;
    const memory = await sendAll(INCIDENT);
    for (const times of [1, 2, 3]) {
      expect(memoryOf(await send(INCIDENT[3]!, { memory, mayBeRepeated: true }))).toBe(memory);
      expect(workspace.roots[0]!.edits).toBe(3 + times);
    }
    expect([workspace.roots.length, workspace.replies.length]).toEqual([1, 3]);
  });

  it('posts anew when somebody has deleted the message', async () => {
    const memory = await sendAll(INCIDENT.slice(0, 1));
    workspace.remove(workspace.roots[0]!.ts);
    const after = await sendAll(INCIDENT.slice(1, 2), memory);
    expect(after).not.toBe(memory);
    await sendAll(INCIDENT.slice(2), after);
    expect([workspace.roots.length, workspace.replies.length]).toEqual([1, 2]);
  });

  it('takes a memory that is none of its own for none', async () => {
    memoryOf(await send(INCIDENT[0]!, { memory: 'else' }));
    memoryOf(await send(INCIDENT[0]!, { memory: '{"channel":1}' }));
    expect(workspace.roots).toHaveLength(2);
  });

  it('is not led to another’s message, and does not trip over what others wrote', async () => {
    const metadata = { event_type: 'plumbline_notification', event_payload: { incident_id: 'incident-1' } };
    workspace.posts.push({ ts: '1767830400.1', content: { text: 'x', metadata }, edits: 0 });
    const other = { ...metadata, event_payload: { incident_id: 'incident-2', notification_id: 'n' } };
    workspace.posts.push({ ts: '1767830400.2', content: { text: 'y', metadata: other }, edits: 0 });
    memoryOf(await send(INCIDENT[0]!, { mayBeRepeated: true }));
    expect(workspace.roots.map(({ edits }) => edits)).toEqual([0, 0, 0]);
  });

  it.each<[object, string, string]>([
    [{ token: { env: 'REVOKED' } }, 'rejected', 'invalid_auth: '],
    [{ to: 'C0NOSUCH' }, 'rejected', 'channel_not_found: '],
    [{ token: { env: 'BAD' } }, 'retryable', 'not a token of Slack (xoxb-…): environment variable BAD'],
    [{ token: { env: 'NONE' } }, 'retryable', 'not there: environment variable NONE'],
  ])('says what is wrong with %j', async (values, outcome, detail) => {
    await underTest.close();
    underTest = await slack(workspace.answer, values);
    const result = await send(INCIDENT[0]!);
    expect(result).toMatchObject({ outcome });
    expect(result.detail).toContain(detail);
    expect(result.detail).not.toMatch(/hunter2|xoxb-9999/);
    expect(workspace.posts).toEqual([]);
  });

  it.each<[string, string]>([
    ['account_inactive', 'rejected'],
    ['is_archived', 'rejected'],
    ['missing_scope', 'rejected'],
    ['not_in_channel', 'rejected'],
    ['restricted_action', 'rejected'],
    ['invalid_blocks', 'rejected'],
    ['msg_too_long', 'rejected'],
    ['something_new', 'rejected'],
    ['internal_error', 'retryable'],
    ['fatal_error', 'retryable'],
    ['service_unavailable', 'retryable'],
    ['ratelimited', 'retryable'],
    ['request_timeout', 'retryable'],
  ])('takes the error %s for %s', async (error, outcome) => {
    await underTest.close();
    underTest = await slack({ status: 200, body: JSON.stringify({ ok: false, error }) });
    const result = await send(INCIDENT[0]!);
    expect(result).toMatchObject({ outcome, status: 200 });
    expect(result.detail).toMatch(new RegExp(`^${error}`));
  });

  it.each([
    'ok',
    '',
    'null',
    '[]',
    '"text"',
    '{}',
    '{"ok":"yes"}',
    '{"ok":false}',
    '{"ok":false,"error":{"a":1}}',
    '{"ok":false,"error":null,"response_metadata":{"messages":7}}',
  ])('survives the answer %j, which is none', async (body) => {
    await underTest.close();
    underTest = await slack({ status: 200, body, headers: { 'content-type': 'application/gzip' } });
    expect(await send(INCIDENT[0]!)).toMatchObject({ outcome: 'retryable', detail: 'invalid_answer' });
  });

  it('takes what it needs of an answer, whatever else is in it', async () => {
    await underTest.close();
    const answer = { ok: true, ts: 7, channel: null, response_metadata: { warnings: 1, messages: { a: 1 } } };
    underTest = await slack({ status: 200, body: JSON.stringify(answer) });
    const memory = memoryOf(await send(INCIDENT[0]!));
    // Without a time stamp it cannot be changed.
    memoryOf(await send(INCIDENT[1]!, { memory }));
    expect(underTest.receiver.requests.map(({ path }) => path)).toEqual([
      '/api/chat.postMessage',
      '/api/chat.postMessage',
    ]);
  });

  it.each([101, 199, 204, 205, 304, 600, 999])(
    'survives the status %d',
    async (status) => {
      await underTest.close();
      underTest = await slack({ status });
      const { outcome } = await send(INCIDENT[0]!);
      expect(['retryable', 'rejected']).toContain(outcome);
    },
    60_000,
  );
});
