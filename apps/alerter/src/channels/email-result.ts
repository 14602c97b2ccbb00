import { EgressError } from '../egress/egress-error.js';
import { cleaned } from '../webhook/answer-to-result.js';
import type { SendResult } from './channel.js';

/** What nodemailer says of a message that the server took, of at least one recipient. */
export interface SmtpAcceptance {
  readonly response?: string | undefined;
  readonly rejected?: readonly string[] | undefined;
  readonly rejectedErrors?:
    readonly { readonly recipient?: string | undefined; readonly response?: string | undefined }[] | undefined;
}

/** Returns what it means that the server took the message. Recipients that it refused are named: they will not get this message. */
export function smtpAcceptanceToResult(acceptance: SmtpAcceptance): SendResult {
  const { response, rejected = [], rejectedErrors = [] } = acceptance;
  const refused = rejected.map((recipient) => {
    const why = rejectedErrors.find((each) => each.recipient === recipient)?.response;
    return why === undefined ? recipient : `${recipient} (${why})`;
  });
  const detail = refused.length === 0 ? '' : cleaned(`not delivered to ${refused.join(', ')}`);
  return { outcome: 'delivered', status: statusOf(response) ?? 250, detail };
}

/**
 * Returns what an error of SMTP means for the message: a reply of 4xx may pass, one of 5xx does not. Where the password or the TLS of
 * the server is wrong the message waits, because that is repaired without anybody saving the receiver anew.
 */
export function smtpErrorToResult(error: unknown, user: string | undefined): SendResult {
  if (error instanceof EgressError) {
    return { outcome: error.retryable ? 'retryable' : 'rejected', status: 0, detail: error.message };
  }
  const { code, originalCode, response, responseCode, message } = fieldsOf(error);
  const status = responseCode ?? statusOf(response) ?? 0;
  const answer = response === undefined ? '' : cleaned(response);
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    const who = user === undefined ? 'asks for a user and a password' : `refused the user ${cleaned(user)}`;
    const remedy = answer === '' ? cleaned(message) : answer;
    return { outcome: 'retryable', status, detail: `the SMTP server ${who}: check user and password (${remedy})` };
  }
  if (code === 'ETLS' || isTlsCode(originalCode)) {
    const why = answer === '' ? cleaned(message) : answer;
    return { outcome: 'retryable', status, detail: `no TLS connection with the SMTP server: ${why}` };
  }
  // 503 is about the order of commands, not about the message.
  if (status >= 500 && status !== 503) return { outcome: 'rejected', status, detail: answer };
  if (status >= 400) return { outcome: 'retryable', status, detail: answer };
  // Of the message itself: nothing that is sent again.
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return { outcome: 'rejected', status, detail: cleaned(message) };
  return { outcome: 'retryable', status: 0, detail: cleaned(`no answer of the SMTP server: ${message}`) };
}

interface ErrorFields {
  readonly code: string | undefined;
  /** Of Node, where nodemailer has put another in its place. */
  readonly originalCode: string | undefined;
  readonly response: string | undefined;
  readonly responseCode: number | undefined;
  readonly message: string;
}

function fieldsOf(error: unknown): ErrorFields {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined => (typeof fields[name] === 'string' ? fields[name] : undefined);
  return {
    code: text('code'),
    originalCode: text('originalCode'),
    response: text('response'),
    responseCode: typeof fields['responseCode'] === 'number' ? fields['responseCode'] : undefined,
    message: text('message') ?? 'failed',
  };
}

/** How Node calls what is wrong with a certificate. */
function isTlsCode(code: string | undefined): boolean {
  return code !== undefined && /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code);
}

function statusOf(response: string | undefined): number | undefined {
  const status = /^(\d{3})/.exec(response ?? '')?.[1];
  return status === undefined ? undefined : Number(status);
}
