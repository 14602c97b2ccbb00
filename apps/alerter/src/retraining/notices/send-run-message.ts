import type { ReceiverDeclaration } from '@plumbline/contracts';
import type { ChannelDependencies } from '../../channels/channel-of-receiver.js';
import type { SendResult } from '../../channels/channel.js';
import { plainEmail } from '../../channels/email-message.js';
import { sendEmail } from '../../channels/email-send.js';
import { sendPagerdutyChange } from '../../channels/pagerduty-change.js';
import { slackClient } from '../../channels/slack-client.js';
import { slackFailure } from '../../channels/slack-failure.js';
import { slackText } from '../../channels/slack-text.js';
import { secretForms } from '../../secrets/secret-form.js';
import { postJson } from '../../webhook/post-json.js';
import { type RunMessage, runMessageText } from './run-message.js';

const MAX_SLACK_LENGTH = 3_000;

/**
 * Makes one attempt to tell a receiver of a run, and returns what became of it. PagerDuty is told of a change, which pages nobody;
 * Alertmanager knows alerts alone, so it is told nothing.
 * @throws the signal's reason when it aborts
 */
export async function sendRunMessage(
  declaration: ReceiverDeclaration,
  message: RunMessage,
  { logger, http, email, secrets, sender }: ChannelDependencies,
  nowMs: number,
  signal: AbortSignal,
): Promise<SendResult> {
  signal.throwIfAborted();
  const { run, event } = message;
  switch (declaration.channel) {
    case 'console':
      logger.info({ project: run.project, model: run.model, run_id: run.runId }, message.title);
      return { outcome: 'delivered', status: 0, detail: '' };
    case 'webhook': {
      const body = webhookBody(message);
      return sender.post({ target: declaration, id: message.id, body, attemptedAtMs: nowMs }, signal);
    }
    case 'slack_webhook': {
      const url = await secrets.read(declaration.url, secretForms.address);
      if (!url.ok) return { outcome: 'retryable', status: 0, detail: url.problem };
      const body = JSON.stringify({ text: slackLines(message) });
      return postJson(http, { url: url.value, headers: {}, body, attemptedAtMs: nowMs }, signal);
    }
    case 'slack': {
      const token = await secrets.read(declaration.token, secretForms.slackToken);
      if (!token.ok) return { outcome: 'retryable', status: 0, detail: token.problem };
      const client = slackClient({ http, url: declaration.url, token: token.value, nowMs, signal });
      try {
        const post = { channel: declaration.to, text: slackLines(message), unfurl_links: false, unfurl_media: false };
        await client.chat.postMessage(post);
        return { outcome: 'delivered', status: 200, detail: '' };
      } catch (error) {
        signal.throwIfAborted();
        return slackFailure(error, nowMs);
      }
    }
    case 'pagerduty': {
      const details = { run: run.runId, policy: run.policy, status: event.to, said: message.lines.join(' ') };
      const { project, model } = run;
      const change = { project, model, summary: message.title, atMs: event.atMs, details, links: message.links };
      return sendPagerdutyChange({ http, secrets }, declaration, change, nowMs, signal);
    }
    case 'email': {
      const news = { id: message.id, subject: `[Plumbline] ${message.title}`, atMs: event.atMs };
      const mail = plainEmail({ ...news, text: runMessageText(message) }, declaration);
      return sendEmail(declaration, mail, { transports: email, secrets }, signal);
    }
    case 'alertmanager':
      return { outcome: 'rejected', status: 0, detail: 'Alertmanager takes alerts, and a retraining run is none' };
  }
}

function webhookBody({ title, lines, links, run, event }: RunMessage): string {
  return JSON.stringify({
    type: 'retraining_run',
    project: run.project,
    model: run.model,
    version: run.version,
    run_id: run.runId,
    policy: run.policy,
    status: event.to,
    title,
    text: lines.join('\n'),
    reason: run.reason,
    new_version: event.newVersion || run.newVersion,
    external_url: run.externalUrl,
    comparison: event.comparison ?? null,
    at: new Date(event.atMs).toISOString(),
    links: Object.fromEntries(links.map(({ text, href }) => [text.toLowerCase().replaceAll(' ', '_'), href])),
  });
}

function slackLines({ title, lines, links }: RunMessage): string {
  const buttons = links.map(
    ({ text, href }) => `<${href.replace(/[<>|]/g, encodeURIComponent)}|${slackText(text, 100)}>`,
  );
  const said = slackText(lines.join('\n'), MAX_SLACK_LENGTH);
  return [`*${slackText(title, 300)}*`, said, buttons.join('  ')].filter((part) => part !== '').join('\n');
}
