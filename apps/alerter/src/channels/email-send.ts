import type { ReceiverDeclaration } from '@plumbline/contracts';
import type { SendMailOptions } from 'nodemailer';
import { secretForms } from '../secrets/secret-form.js';
import type { Secrets } from '../secrets/secrets.js';
import type { SendResult } from './channel.js';
import { smtpAcceptanceToResult, smtpErrorToResult } from './email-result.js';
import type { EmailTransports } from './email-transports.js';

export type EmailDeclaration = Extract<ReceiverDeclaration, { channel: 'email' }>;

export interface EmailSending {
  readonly transports: EmailTransports;
  readonly secrets: Secrets;
}

/**
 * Sends an e-mail once through the server that a receiver declares, and returns what became of it.
 * @throws the signal's reason when it aborts, and nothing else
 */
export async function sendEmail(
  { host, port, tls, user, password: reference }: EmailDeclaration,
  message: SendMailOptions,
  { transports, secrets }: EmailSending,
  signal: AbortSignal,
): Promise<SendResult> {
  signal.throwIfAborted();
  const password = reference === undefined ? undefined : await secrets.read(reference, secretForms.any);
  // The operator can repair this without anybody saving the receiver again, so the message waits.
  if (password?.ok === false) return { outcome: 'retryable', status: 0, detail: password.problem };
  try {
    return smtpAcceptanceToResult(
      await transports.send({ host, port, tls, user, password: password?.value }, message, signal),
    );
  } catch (error) {
    signal.throwIfAborted();
    return smtpErrorToResult(error, user);
  }
}
