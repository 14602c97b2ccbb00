import aws4 from 'aws4';
import type { TargetCall } from '@plumbline/monitoring';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

export interface MessageToSign {
  readonly call: TargetCall;
  /** By lower-case name; all are signed but the user agent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Returns the headers that sign a message as AWS wants it (Signature Version 4), by lower-case name. The time of the signature must
 * be within a few minutes of theirs.
 */
export function sigv4Headers(
  { call, headers, body }: MessageToSign,
  { service, region }: { readonly service: string; readonly region: string },
  credentials: AwsCredentials,
  nowMs: number,
): Record<string, string> {
  const { host, pathname, search } = new URL(call.url);
  const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const signed = aws4.sign(
    {
      method: call.method,
      host,
      path: `${pathname}${search}`,
      headers: { ...headers, 'X-Amz-Date': date },
      body,
      service,
      region,
    },
    credentials,
  );
  const added = Object.entries(signed.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  // What undici sets by itself, to the same values.
  return Object.fromEntries(added.filter(([name]) => name !== 'host' && name !== 'content-length'));
}
