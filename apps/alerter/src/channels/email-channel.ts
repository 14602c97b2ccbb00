import type { AlertFinding, Notification, ReceiverDeclaration } from '@plumbline/contracts';
import { secretForms } from '../secrets/secret-form.js';
import type { Secrets } from '../secrets/secrets.js';
import type { Attempt, Channel, SendResult } from './channel.js';
import { drawEmailChart, type EmailChart } from './email-chart.js';
import { emailMessage, readThread } from './email-message.js';
import { smtpAcceptanceToResult, smtpErrorToResult } from './email-result.js';
import type { EmailTransports } from './email-transports.js';

export type EmailDeclaration = Extract<ReceiverDeclaration, { channel: 'email' }>;

/** Sends notifications as e-mails: text, HTML and one picture, an incident a thread. */
export class EmailChannel implements Channel {
  /** Many mailboxes show a message that came twice twice, although its Message-ID is the same. */
  readonly collapses = false;
  /** A mail for each acknowledgement would be one too many; the next message says who has acknowledged. */
  readonly showsAcknowledgement = false;
  readonly perMinute = undefined;

  /** @param draw makes the picture of a finding */
  constructor(
    private readonly declaration: EmailDeclaration,
    private readonly transports: EmailTransports,
    private readonly secrets: Secrets,
    private readonly draw: (finding: AlertFinding) => Promise<EmailChart | undefined> = drawEmailChart,
  ) {}

  async send(notification: Notification, attempt: Attempt, signal: AbortSignal): Promise<SendResult> {
    signal.throwIfAborted();
    const { host, port, tls, user, password: reference, from, to } = this.declaration;
    const password = reference === undefined ? undefined : await this.secrets.read(reference, secretForms.any);
    // The operator can repair this without anybody saving the receiver again, so the message waits.
    if (password?.ok === false) return { outcome: 'retryable', status: 0, detail: password.problem };
    const chart = await this.chartOf(notification);
    const { message, thread } = emailMessage(notification, { from, to }, readThread(attempt.memory), chart);
    try {
      const server = { host, port, tls, user, password: password?.value };
      return smtpAcceptanceToResult(await this.transports.send(server, message, signal), JSON.stringify(thread));
    } catch (error) {
      signal.throwIfAborted();
      return smtpErrorToResult(error, user);
    }
  }

  /** The first finding with a distribution is the worst one. A picture that cannot be drawn is no reason to tell nobody. */
  private async chartOf({ report }: Notification): Promise<EmailChart | undefined> {
    const finding = report?.findings.find(({ distribution }) => distribution !== undefined);
    if (finding === undefined) return undefined;
    try {
      return await this.draw(finding);
    } catch {
      return undefined;
    }
  }
}
