import { SlackWebhookChannel } from '../../apps/alerter/src/channels/slack-webhook-channel.js';
import { describeChannel, FIRST_ATTEMPT, LINKS, notificationOf, reportOf } from './channel.contract.js';
import { httpChannel, type HttpChannelUnderTest } from './http-channel.js';
import type { RemoteBehaviour } from './http-receiver.js';
import { slackFaults } from './slack-faults.js';

const OK: RemoteBehaviour = { status: 200, body: 'ok' };

/** The address is a secret, so it stands in the environment. */
function slackWebhook(behaviour: RemoteBehaviour, env = 'SLACK_WEBHOOK'): Promise<HttpChannelUnderTest> {
  const environment: Record<string, string> = { NO_ADDRESS: 'hunter2' };
  return httpChannel(
    behaviour,
    ({ http, secrets, receiver }) => {
      environment['SLACK_WEBHOOK'] = `${receiver.origin}/services/T0/B0/XXXX\n`;
      return new SlackWebhookChannel({ channel: 'slack_webhook', send_resolved: true, url: { env } }, http, secrets);
    },
    { environment },
  );
}

describeChannel('SlackWebhookChannel', () => slackWebhook(OK), {
  remote: slackWebhook,
  faultsOf: (received) => slackFaults(JSON.parse(received) as Record<string, unknown>),
});

describe('SlackWebhookChannel', () => {
  let underTest: HttpChannelUnderTest;
  afterEach(() => underTest.close());
  const send = () =>
    underTest.channel.send(
      notificationOf({ report: reportOf(), links: LINKS }),
      FIRST_ATTEMPT,
      new AbortController().signal,
    );

  it('posts JSON to the address, which is nowhere told', async () => {
    underTest = await slackWebhook(OK);
    expect(await send()).toEqual({ outcome: 'delivered', status: 200, detail: '' });
    const [request] = underTest.receiver.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/services/T0/B0/XXXX' });
    expect(request!.headers['content-type']).toBe('application/json');
    expect(JSON.parse(request!.body)).toMatchObject({ text: '🔴 Critical: loan 1: car_value has drifted' });
  });

  it.each<[number, string, object]>([
    [400, 'invalid_payload', { outcome: 'rejected' }],
    [403, 'action_prohibited', { outcome: 'rejected' }],
    [404, 'channel_not_found', { outcome: 'rejected' }],
    [410, 'channel_is_archived', { outcome: 'rejected', gone: true }],
    [500, 'rollup_error', { outcome: 'retryable' }],
  ])('takes %d %s for what Slack means by it', async (status, body, result) => {
    underTest = await slackWebhook({ status, body });
    expect(await send()).toMatchObject({ ...result, status, detail: body });
  });

  it.each(['NO_ADDRESS', 'NO_SUCH'])('waits for an address that is not there or is none (%s)', async (env) => {
    underTest = await slackWebhook(OK, env);
    const result = await send();
    expect(result).toMatchObject({ outcome: 'retryable', status: 0 });
    expect(result.detail).toContain(env);
    expect(result.detail).not.toContain('hunter2');
    expect(underTest.received()).toEqual([]);
  });
});
