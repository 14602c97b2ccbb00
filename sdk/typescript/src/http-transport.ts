import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Transport, TransportRequest, TransportResponse } from './transport.js';

/** A reply lists at most a thousand rejections; more than this is not from a Plumbline server. */
const MAX_REPLY_BYTES = 4 * 1024 * 1024;

/** Sends over HTTP or HTTPS, on one connection that is kept open. Neither it nor a request under way keeps the process alive. */
export class HttpTransport implements Transport {
  private readonly secure: boolean;
  private readonly agent: HttpAgent;

  /** @param url base address of the server; a path in it stays */
  constructor(private readonly url: URL) {
    this.secure = url.protocol === 'https:';
    this.agent = new (this.secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });
  }

  send({ path, headers, body }: TransportRequest, timeoutMs: number): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const send = this.secure ? httpsRequest : httpRequest;
      const address = new URL(this.url.pathname.replace(/\/+$/, '') + path, this.url);
      const request = send(address, {
        method: 'POST',
        agent: this.agent,
        headers: { ...headers, 'content-length': String(body.length) },
      });
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      timer.unref();
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      request.once('socket', (socket) => socket.unref());
      request.once('error', fail);
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        let sizeBytes = 0;
        response.on('data', (chunk: Buffer) => {
          sizeBytes += chunk.length;
          if (sizeBytes > MAX_REPLY_BYTES)
            request.destroy(new Error(`the reply has more than ${MAX_REPLY_BYTES} bytes`));
          else chunks.push(chunk);
        });
        response.once('error', fail);
        response.once('end', () => {
          clearTimeout(timer);
          const retryAfter = response.headers['retry-after'];
          resolve({ status: response.statusCode ?? 0, retryAfter, body: Buffer.concat(chunks).toString('utf8') });
        });
      });
      request.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
