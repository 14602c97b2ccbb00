import type { AlertFinding, Notification } from '@plumbline/contracts';
import type { Secrets } from '../secrets/secrets.js';
import type { Attempt, Channel, SendResult } from './channel.js';
import { drawEmailChart, type EmailChart } from './email-chart.js';
import { emailMessage, readThread } from './email-message.js';
import { type EmailDeclaration, sendEmail } from './email-send.js';
import type { EmailTransports } from './email-transports.js';

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
    const chart = await this.chartOf(notification);
    const { message, thread } = emailMessage(notification, this.declaration, readThread(attempt.memory), chart);
    const { transports, secrets } = this;
    const result = await sendEmail(this.declaration, message, { transports, secrets }, signal);
    return result.outcome === 'delivered' ? { ...result, memory: JSON.stringify(thread) } : result;
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
