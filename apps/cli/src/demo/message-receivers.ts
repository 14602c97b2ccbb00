import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

const POLL_MS = 50;

/** A message as a person sees it. */
export interface ReceivedMessage {
  readonly channel: 'Slack' | 'PagerDuty' | 'e-mail';
  /** In one line: what happened to it, and what it says first. */
  readonly headline: string;
  /** The whole of it, where it is more than the headline. */
  readonly text: string;
}

/** Stand-ins, on this machine, for Slack, PagerDuty and a mail server: they take what the alerter sends and keep it as people would see it. */
export class MessageReceivers {
  readonly messages: ReceivedMessage[] = [];
  private posts = 0;
  private seen = 0;
  private readonly http = createServer((request, response) => void this.answer(request, response));
  private readonly mail = new SMTPServer({
    // Without TLS and login: it is this machine talking to itself.
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData: (stream, _session, callback) => {
      void buffer(stream)
        .then(async (bytes) => this.takeMail(bytes))
        .then(() => callback(), callback);
    },
  });

  private constructor() {}

  static async start(): Promise<MessageReceivers> {
    const receivers = new MessageReceivers();
    const servers = [receivers.http.listen(0, '127.0.0.1'), receivers.mail.listen(0, '127.0.0.1')];
    await Promise.all(servers.map(async (server) => once(server, 'listening')));
    return receivers;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.http)}`;
  }

  get mailPort(): number {
    return portOf(this.mail.server);
  }

  /** Resolves with what came since the last call, once each of the channels has had a message or the time is up. */
  async next(channels: readonly ReceivedMessage['channel'][], timeoutMs: number): Promise<readonly ReceivedMessage[]> {
    const deadline = Date.now() + timeoutMs;
    const arrived = (): ReceivedMessage[] => this.messages.slice(this.seen);
    while (Date.now() < deadline && !channels.every((name) => arrived().some(({ channel }) => channel === name))) {
      await setTimeout(POLL_MS);
    }
    const found = arrived();
    this.seen += found.length;
    return found;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    this.http.close();
    await Promise.all([once(this.http, 'close'), new Promise<void>((resolve) => this.mail.close(resolve))]);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await buffer(request)).toString('utf8');
    const path = request.url ?? '';
    const reply = path.startsWith('/slack/') ? this.takeSlack(path, body) : this.takePagerduty(body);
    const status = path.startsWith('/slack/') ? 200 : 202;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  }

  /** The methods of Slack's Web API that the alerter calls: their arguments come as a form. */
  private takeSlack(path: string, body: string): object {
    const form = new URLSearchParams(body);
    const channel = form.get('channel') ?? '';
    const text = form.get('text') ?? '';
    if (path.endsWith('/chat.postMessage')) {
      const where = form.has('thread_ts') ? 'in the thread' : 'posted';
      this.messages.push({ channel: 'Slack', headline: `${where}: ${firstLine(text)}`, text });
      return { ok: true, channel, ts: `${++this.posts}.000000` };
    }
    if (path.endsWith('/chat.update')) {
      this.messages.push({ channel: 'Slack', headline: `updated: ${firstLine(text)}`, text });
      return { ok: true, channel, ts: form.get('ts') };
    }
    return { ok: true, messages: [] };
  }

  private takePagerduty(body: string): object {
    const event = JSON.parse(body) as {
      readonly event_action: string;
      readonly dedup_key: string;
      readonly payload?: { readonly summary: string; readonly severity: string };
    };
    const { event_action: action, payload } = event;
    const what = payload === undefined ? 'the incident' : `${payload.severity}: ${payload.summary}`;
    this.messages.push({ channel: 'PagerDuty', headline: `${action} ${what}`, text: what });
    return { status: 'success', message: 'Event processed', dedup_key: event.dedup_key };
  }

  private async takeMail(bytes: Buffer): Promise<void> {
    const { subject = '', text = '', attachments } = await PostalMime.parse(bytes);
    const charts = attachments.length === 0 ? '' : ` (with ${attachments.length} picture)`;
    this.messages.push({ channel: 'e-mail', headline: `${subject}${charts}`, text: text.trimEnd() });
  }
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port;
}

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}
