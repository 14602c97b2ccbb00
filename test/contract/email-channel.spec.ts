import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Notification } from '@plumbline/contracts';
import { EmailChannel } from '../../apps/alerter/src/channels/email-channel.js';
import { plainEmail } from '../../apps/alerter/src/channels/email-message.js';
import { type EmailDeclaration, sendEmail } from '../../apps/alerter/src/channels/email-send.js';
import { EmailTransports, type EmailTransportsOptions } from '../../apps/alerter/src/channels/email-transports.js';
import { Secrets } from '../../apps/alerter/src/secrets/secrets.js';
import { makeKafkaCertificates } from '../support/kafka-certificates.js';
import { until } from '../support/until.js';
import {
  alertOf,
  type ChannelUnderTest,
  describeChannel,
  EXTREMES,
  findingOf,
  FIRST_ATTEMPT,
  LINKS,
  notificationOf,
  NOW_MS,
  reportOf,
} from './channel.contract.js';
import { type ReceivedEmail, type SmtpReceiver, type SmtpReceiverOptions, startSmtpReceiver } from './smtp-receiver.js';

const PASSWORD = 'correct horse';
const live = new AbortController().signal;

interface EmailUnderTest extends ChannelUnderTest {
  readonly channel: EmailChannel;
  readonly declaration: EmailDeclaration;
  readonly secrets: Secrets;
  readonly smtp: SmtpReceiver;
  readonly transports: EmailTransports;
}

interface EmailOptions {
  readonly server?: SmtpReceiverOptions;
  readonly declaration?: Partial<EmailDeclaration>;
  readonly transports?: Partial<EmailTransportsOptions>;
  readonly draw?: ConstructorParameters<typeof EmailChannel>[3];
}

async function email({ server, declaration, transports, draw }: EmailOptions = {}): Promise<EmailUnderTest> {
  const smtp = await startSmtpReceiver(server);
  const emailTransports = new EmailTransports({
    allowedAddresses: ['127.0.0.0/8'],
    allowHttp: true,
    // A busy machine needs the time.
    connectTimeoutMs: 60_000,
    totalTimeoutMs: 120_000,
    ...transports,
  });
  const declared: EmailDeclaration = {
    channel: 'email',
    send_resolved: true,
    to: ['team@example.com'],
    from: 'plumbline@example.org',
    host: '127.0.0.1',
    port: smtp.port,
    tls: 'none',
    ...declaration,
  };
  const secrets = new Secrets({ PLUMBLINE_SECRET_SMTP: PASSWORD, PLUMBLINE_SECRET_OTHER: 'wrong', HOME: '/root' }, '');
  const channel = new EmailChannel(declared, emailTransports, secrets, draw);
  return {
    channel,
    declaration: declared,
    secrets,
    smtp,
    transports: emailTransports,
    received: () => smtp.emails.map(({ raw, email: { subject, text, html } }) => [raw, subject, text, html].join('\n')),
    close: async () => {
      emailTransports.close();
      await smtp.close();
    },
  };
}

/** What RFC 5322 and 5321 forbid: long lines, line ends that are none, and bytes that no header may hold. */
function faultsOf(received: string): string[] {
  const raw = received.slice(0, received.indexOf('\r\n--', received.indexOf('\r\n\r\n')));
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
  return [
    ...(raw.split('\r\n').some((line) => line.length > 998) ? ['a line of more than 998 bytes'] : []),
    ...(/[^\r]\n|\r[^\n]|\0/.test(raw) ? ['a line end that is none, or a zero'] : []),
    ...(/[^\t\r\n\x20-\x7e]/.test(head) ? ['a header that is not ASCII'] : []),
    ...(/^(bcc|x-injected)/im.test(head) ? ['a header that somebody smuggled in'] : []),
  ];
}

describeChannel('EmailChannel', () => email(), { faultsOf });

describe('EmailChannel', () => {
  let underTest: EmailUnderTest | undefined;
  const start = async (options?: EmailOptions): Promise<EmailUnderTest> => (underTest = await email(options));
  afterEach(async () => {
    await underTest?.close();
    underTest = undefined;
  });

  const full = (values: Partial<Notification> = {}): Notification =>
    notificationOf({ report: reportOf(), links: LINKS, remarks: ['2 alerts on drift are withheld'], ...values });
  const last = ({ smtp }: EmailUnderTest): ReceivedEmail => smtp.emails.at(-1)!;
  const headerOf = (received: ReceivedEmail, name: string): string | undefined =>
    received.email.headers.find(({ key }) => key === name)?.value;

  describe('the message', () => {
    it('has text, HTML and one picture, under the identity of the notification', async () => {
      const { channel } = await start({ declaration: { to: ['a@example.com', 'b@example.com'] } });
      expect(await channel.send(full(), FIRST_ATTEMPT, live)).toMatchObject({
        outcome: 'delivered',
        status: 250,
        detail: '',
      });
      const received = last(underTest!);
      expect(received).toMatchObject({
        from: 'plumbline@example.org',
        to: ['a@example.com', 'b@example.com'],
        email: {
          subject: '[Plumbline] loan 1: car_value has drifted',
          from: { name: 'Plumbline', address: 'plumbline@example.org' },
          messageId: '<delivery-1@example.org>',
          date: new Date(NOW_MS + 60_000).toISOString(),
        },
      });
      expect(headerOf(received, 'auto-submitted')).toBe('auto-generated');
      expect(headerOf(received, 'importance')).toBe('high');
      for (const part of [
        'mean 41.2 → 52.7',
        'PSI 0.41',
        '62 %',
        'n 5,000',
        'version 1 was first seen',
        LINKS.silence!,
      ]) {
        expect(received.email.text).toContain(part);
        expect(received.email.html).toContain(part.replaceAll('&', '&amp;'));
      }
      const [chart, ...others] = received.email.attachments;
      expect(others).toEqual([]);
      expect(chart).toMatchObject({ mimeType: 'image/png', disposition: 'inline' });
      expect(
        Buffer.from(chart!.content as ArrayBuffer)
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
      expect(received.email.html).toContain(`src="cid:${chart!.contentId!.replace(/[<>]/g, '')}"`);
      expect(received.email.html).not.toMatch(/<script|<link|src="http|javascript:/i);
    });

    it('goes without a picture when there is none, or it cannot be drawn', async () => {
      const draws = { none: undefined, failing: () => Promise.reject(new Error('no memory')) };
      for (const draw of Object.values(draws)) {
        const { channel } = await start({ draw });
        const report = reportOf({ findings: [findingOf(draw === undefined ? { distribution: undefined } : {})] });
        expect(await channel.send(full({ report }), FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'delivered' });
        expect(last(underTest!).email.attachments).toEqual([]);
        expect(last(underTest!).email.html).not.toContain('<img');
        await underTest!.close();
      }
    });

    it('draws whatever names and numbers a distribution has', async () => {
      const { channel } = await start();
      const labels = [
        '<svg>&"',
        '\u0000\u202e',
        '模型',
        '🧮'.repeat(500),
        '',
        'שלום',
        ...Array<string>(20).fill('more'),
      ];
      const shares = [NaN, Infinity, -1, 0, 1, 0.5, ...Array<number>(20).fill(0.1)];
      const distribution = { labels, reference: shares, current: [...shares].reverse() };
      const report = reportOf({ findings: [findingOf({ feature: '</svg><script>', distribution })] });
      await channel.send(full({ report }), FIRST_ATTEMPT, live);
      expect(last(underTest!).email.attachments).toHaveLength(1);
    });

    it('lets no name of a user become a header, a recipient or markup', async () => {
      const { channel } = await start();
      const hostile = 'a\r\nBcc: evil@example.com\r\nX-Injected: 1\r\n\r\n<script>alert(1)</script>"><img src=x>';
      const notification = full({
        id: hostile,
        incidentId: hostile,
        receiver: hostile,
        project: hostile,
        report: reportOf({
          model: hostile,
          version: hostile,
          headline: hostile,
          findings: [findingOf({ feature: hostile })],
        }),
      });
      expect(await channel.send(notification, FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'delivered' });
      const received = last(underTest!);
      expect(received.to).toEqual(['team@example.com']);
      expect(received.email.bcc).toBeUndefined();
      expect(headerOf(received, 'x-injected')).toBeUndefined();
      expect(received.email.messageId).toMatch(/^<[0-9a-f]{32}@example\.org>$/);
      expect(received.email.html).not.toMatch(/<script>|<img src=x/);
      expect(faultsOf(underTest!.received()[0]!)).toEqual([]);
    });
  });

  it('sends other news as plain text, the same on each attempt, and lets nothing in it become a header', async () => {
    const { declaration, secrets, transports, smtp } = await start();
    const news = { id: 'run-1', subject: 'run failed\r\nBcc: evil@example.com', text: 'Why: –\n.\nend', atMs: NOW_MS };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const sent = await sendEmail(declaration, plainEmail(news, declaration), { transports, secrets }, live);
      expect(sent).toEqual({ outcome: 'delivered', status: 250, detail: '' });
    }
    const [first, second] = smtp.emails;
    expect(first).toMatchObject({
      to: ['team@example.com'],
      email: { messageId: '<run-1@example.org>', subject: 'run failed Bcc: evil@example.com', attachments: [] },
    });
    expect(first!.email.text!.trim()).toBe('Why: –\n.\nend');
    expect(headerOf(first!, 'auto-submitted')).toBe('auto-generated');
    expect(second!.raw).toBe(first!.raw);
  });

  describe('the thread of an incident', () => {
    const opened = full();
    const later = full({
      id: 'delivery-2',
      sequence: 1,
      cause: 'resolved',
      status: 'resolved',
      severity: 'ok',
      report: reportOf({ headline: 'loan 1: back within its bounds', findings: [findingOf({ severity: 'ok' })] }),
      alerts: [alertOf({ status: 'resolved', resolvedAtMs: NOW_MS + 1 })],
    });

    it('has one subject, and its messages refer to the first', async () => {
      const { channel, smtp } = await start();
      const first = await channel.send(opened, FIRST_ATTEMPT, live);
      if (first.outcome !== 'delivered') throw new Error(first.detail);
      const second = await channel.send(later, { ...FIRST_ATTEMPT, memory: first.memory! }, live);
      expect(second).toMatchObject({ outcome: 'delivered', memory: first.memory });
      const [one, two] = smtp.emails;
      expect(two!.email.subject).toBe(one!.email.subject);
      expect(one!.email.references).toBe('<incident.incident-1@example.org>');
      expect(one!.email.inReplyTo).toBeUndefined();
      expect(two!.email).toMatchObject({
        messageId: '<delivery-2@example.org>',
        inReplyTo: '<delivery-1@example.org>',
        references: '<incident.incident-1@example.org> <delivery-1@example.org>',
      });
      expect(two!.email.text).toMatch(/^RESOLVED: loan 1: back within its bounds/);
    });

    it.each(['', 'C012:1700.2', '{"subject":1}', '{'])(
      'begins with a message that has no memory but %j',
      async (memory) => {
        const { channel } = await start();
        await channel.send(later, { ...FIRST_ATTEMPT, memory }, live);
        expect(last(underTest!).email).toMatchObject({
          subject: '[Plumbline] loan 1: back within its bounds',
          references: '<incident.incident-1@example.org>',
        });
      },
    );
  });

  describe('what the server says', () => {
    it.each<[string, SmtpReceiverOptions['refuses'], object]>([
      [
        '450 to a recipient',
        { at: 'rcpt', code: 450, text: 'greylisted' },
        { outcome: 'retryable', status: 450, detail: '450 greylisted' },
      ],
      ['550 to a recipient', { at: 'rcpt', code: 550, text: 'no such user' }, { outcome: 'rejected', status: 550 }],
      [
        '550 to the sender',
        { at: 'mail', code: 550, text: 'not you' },
        { outcome: 'rejected', status: 550, detail: '550 not you' },
      ],
      ['421 to the sender', { at: 'mail', code: 421, text: 'later' }, { outcome: 'retryable', status: 421 }],
      ['503 to the sender', { at: 'mail', code: 503, text: 'bad sequence' }, { outcome: 'retryable', status: 503 }],
      [
        '452 to the message',
        { at: 'data', code: 452, text: 'full' },
        { outcome: 'retryable', status: 452, detail: '452 full' },
      ],
      [
        '554 to the message',
        { at: 'data', code: 554, text: 'spam' },
        { outcome: 'rejected', status: 554, detail: '554 spam' },
      ],
      ['421 to the connection', { at: 'connect', code: 421, text: 'busy' }, { outcome: 'retryable', status: 421 }],
      ['554 to the connection', { at: 'connect', code: 554, text: 'blocked' }, { outcome: 'rejected', status: 554 }],
    ])('%s has its outcome', async (_, refuses, expected) => {
      const { channel } = await start({ server: { refuses } });
      expect(await channel.send(full(), FIRST_ATTEMPT, live)).toMatchObject(expected);
    });

    it('names the recipients that were refused when others were not', async () => {
      const { channel } = await start({
        server: { refuses: { at: 'rcpt', code: 550, text: 'no such user', recipient: 'b@example.com' } },
        declaration: { to: ['a@example.com', 'b@example.com'] },
      });
      expect(await channel.send(full(), FIRST_ATTEMPT, live)).toMatchObject({
        outcome: 'delivered',
        detail: 'not delivered to b@example.com (550 no such user)',
      });
      expect(last(underTest!).to).toEqual(['a@example.com']);
    });

    // How far it comes in the short time that it has is not said: on a busy machine perhaps not even to the connection.
    it.each(['hang before the greeting', 'trickle a greeting without end', 'hang after the message'] as const)(
      'nothing in time (%s) is tried again',
      async (fault) => {
        const { channel } = await start({
          server: { fault },
          transports: { connectTimeoutMs: 400, totalTimeoutMs: 800 },
        });
        const result = await channel.send(full(), FIRST_ATTEMPT, live);
        expect(result).toMatchObject({ outcome: 'retryable', status: 0 });
        expect(result.detail).not.toBe('');
      },
    );

    it.each([
      ['greet in another protocol', 0],
      ['close before the greeting', 0],
      ['close after the message', 1],
    ] as const)('nothing proper (%s) is tried again', async (fault, received) => {
      const { channel, smtp } = await start({ server: { fault } });
      const result = await channel.send(full(), FIRST_ATTEMPT, live);
      expect(result).toMatchObject({ outcome: 'retryable', status: 0 });
      expect(result.detail).not.toBe('');
      expect(smtp.connections()).toBeGreaterThan(0);
      expect(smtp.emails.length >= received).toBe(true);
    });

    it('is not waited for any longer when the signal comes, and the message is not sent later', async () => {
      const { channel, smtp } = await start({
        server: { fault: 'hang after the message' },
      });
      const abort = new AbortController();
      const reason = new Error('shutting down');
      const sending = channel.send(full(), FIRST_ATTEMPT, abort.signal);
      sending.catch(() => undefined);
      await until('the message at the server', () => smtp.emails.length === 1 || undefined, 60_000);
      abort.abort(reason);
      await expect(sending).rejects.toBe(reason);
      expect(smtp.emails).toHaveLength(1);
    });
  });

  describe('connections', () => {
    it('are kept for the next message, and made anew when the server has closed them', async () => {
      const { channel, smtp } = await start();
      await channel.send(full(), FIRST_ATTEMPT, live);
      await channel.send(full({ id: 'delivery-2' }), FIRST_ATTEMPT, live);
      expect(smtp.connections()).toBe(1);
      await smtp.disconnect();
      expect(await channel.send(full({ id: 'delivery-3' }), FIRST_ATTEMPT, live)).toMatchObject({
        outcome: 'delivered',
      });
      expect(smtp.emails).toHaveLength(3);
      expect(smtp.connections()).toBe(2);
    });

    it('end with the process: what is under way fails', async () => {
      const { channel, transports } = await start({ server: { fault: 'hang before the greeting' } });
      const sending = channel.send(full(), FIRST_ATTEMPT, live);
      await until('a connection', () => underTest!.smtp.connections() === 1 || undefined, 60_000);
      transports.close();
      expect(await sending).toMatchObject({ outcome: 'retryable', status: 0 });
    });

    it('to a port where nobody listens are tried again', async () => {
      const { channel, smtp } = await start();
      await smtp.close();
      expect(await channel.send(full(), FIRST_ATTEMPT, live)).toEqual({
        outcome: 'retryable',
        status: 0,
        detail: 'no answer: connection ECONNREFUSED',
      });
    });

    it.each([
      '127.0.0.1',
      'localhost',
      '2130706433',
      '0x7f.1',
      '127.1',
      '0',
      '::1',
      '::ffff:127.0.0.1',
      '10.0.0.1',
      '169.254.169.254',
      'fd00:ec2::254',
    ])('to %s are refused unless the operator allows it', async (host) => {
      const { channel, smtp } = await start({ declaration: { host }, transports: { allowedAddresses: [] } });
      const result = await channel.send(full(), FIRST_ATTEMPT, live);
      expect(result).toMatchObject({ outcome: 'rejected', status: 0 });
      expect(result.detail).toContain('alerting.allowedAddresses');
      expect(smtp.connections()).toBe(0);
    });

    it('go to the address that was checked, whatever the name resolves to next', async () => {
      const answers = ['127.0.0.1', '10.0.0.1'];
      const { channel, smtp } = await start({
        declaration: { host: 'mail.example' },
        transports: {
          allowedAddresses: ['127.0.0.1'],
          resolveName: (_name, _options, callback) => callback(null, [{ address: answers.shift()!, family: 4 }]),
        },
      });
      expect(await channel.send(full(), FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'delivered' });
      await smtp.disconnect();
      expect(await channel.send(full(), FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'rejected' });
    });

    it('without TLS are refused unless the operator permits them', async () => {
      const { channel, smtp } = await start({ transports: { allowHttp: false } });
      const result = await channel.send(full(), FIRST_ATTEMPT, live);
      expect(result).toMatchObject({ outcome: 'rejected', status: 0 });
      expect(result.detail).toContain('alerting.allowHttp');
      expect(smtp.connections()).toBe(0);
    });
  });

  describe('the user', () => {
    const user = { name: 'plumbline', password: PASSWORD };
    const reference = (env: string): Partial<EmailDeclaration> => ({ user: 'plumbline', password: { env } });

    it('is known by the password', async () => {
      const { channel } = await start({ server: { user }, declaration: reference('PLUMBLINE_SECRET_SMTP') });
      expect(await channel.send(full(), FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'delivered' });
      expect(last(underTest!).user).toBe('plumbline');
    });

    it('with a wrong one waits until it is repaired', async () => {
      const { channel } = await start({ server: { user }, declaration: reference('PLUMBLINE_SECRET_OTHER') });
      expect(await channel.send(full(), FIRST_ATTEMPT, live)).toEqual({
        outcome: 'retryable',
        status: 535,
        detail: 'the SMTP server refused the user plumbline: check user and password (535 5.7.8 credentials invalid)',
      });
    });

    it('is asked for by a server that knows users only', async () => {
      const { channel } = await start({ server: { user } });
      expect(await channel.send(full(), FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'rejected', status: 530 });
    });

    it.each(['PLUMBLINE_SECRET_ABSENT', 'HOME'])(
      'whose password may not or cannot be read (%s) waits, and its value is not told',
      async (env) => {
        const { channel, smtp } = await start({ server: { user }, declaration: reference(env) });
        const result = await channel.send(full(), FIRST_ATTEMPT, live);
        expect(result).toMatchObject({ outcome: 'retryable', status: 0 });
        expect(result.detail).toContain(env);
        expect(result.detail).not.toContain('/root');
        expect(smtp.connections()).toBe(0);
      },
    );
  });

  it.each(EXTREMES)('has a subject of one line for %s', async (_, notification) => {
    const { channel } = await start();
    await channel.send(notification, FIRST_ATTEMPT, live);
    expect(last(underTest!).email.subject).toMatch(/^\[Plumbline\] [^\r\n]{1,200}$/u);
  });
});

const canMakeCertificates = spawnSync('openssl', ['version']).status === 0;
if (!canMakeCertificates) console.warn('skipped: e-mail over TLS: openssl is not installed');

(canMakeCertificates ? describe : describe.skip)('EmailChannel over TLS', () => {
  let dir: string;
  let ca: string;
  let certificate: string;
  let underTest: EmailUnderTest | undefined;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'plumbline-smtp-'));
    const made = await makeKafkaCertificates(dir);
    ca = made.ca;
    certificate = await readFile(made.keyStoreFile, 'utf8');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));
  afterEach(async () => {
    await underTest?.close();
    underTest = undefined;
  });

  it.each([
    ['implicit', '127.0.0.1'],
    ['implicit', 'localhost'],
    ['starttls', '127.0.0.1'],
    ['starttls', 'localhost'],
  ] as const)('sends by %s TLS to %s, with user and password', async (tls, host) => {
    underTest = await email({
      server: { certificate, tls, user: { name: 'plumbline', password: PASSWORD } },
      declaration: { tls, host, user: 'plumbline', password: { env: 'PLUMBLINE_SECRET_SMTP' } },
      transports: { ca, allowHttp: false },
    });
    expect(await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'delivered' });
    expect(underTest.smtp.emails).toMatchObject([{ secure: true, user: 'plumbline' }]);
  });

  it.each(['implicit', 'starttls'] as const)('trusts no certificate that nobody signed (%s)', async (tls) => {
    underTest = await email({ server: { certificate, tls }, declaration: { tls } });
    const result = await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live);
    expect(result).toMatchObject({ outcome: 'retryable' });
    expect(result.detail).toMatch(/^no TLS connection with the SMTP server: /);
    expect(underTest.smtp.emails).toEqual([]);
  });

  it('trusts no certificate of another name', async () => {
    underTest = await email({
      server: { certificate, tls: 'starttls' },
      declaration: { tls: 'starttls', host: 'mail.example' },
      transports: {
        ca,
        resolveName: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
      },
    });
    const result = await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live);
    expect(result.detail).toContain('no TLS connection');
    expect(underTest.smtp.emails).toEqual([]);
  });

  it('sends nothing in the clear where STARTTLS was asked for and is not offered', async () => {
    underTest = await email({
      server: { tls: 'none', user: { name: 'plumbline', password: PASSWORD } },
      declaration: { tls: 'starttls', user: 'plumbline', password: { env: 'PLUMBLINE_SECRET_SMTP' } },
    });
    const result = await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live);
    expect(result.outcome).not.toBe('delivered');
    expect(result.detail).toContain('TLS');
    expect(underTest.smtp.emails).toEqual([]);
  });
});
