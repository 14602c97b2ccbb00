import { gunzipSync } from 'node:zlib';
import type { Transport, TransportRequest, TransportResponse } from '../src/transport.js';

export type Answer = number | TransportResponse | Error;

/** Keeps the requests and gives the answers of a list, one after the other; the last one, or 200, for all that follow. */
export class ScriptedTransport implements Transport {
  readonly requests: TransportRequest[] = [];
  private answers: Answer[];

  constructor(answers: readonly Answer[] = []) {
    this.answers = [...answers];
  }

  /** Gives this answer from now on. */
  answerWith(answer: Answer): void {
    this.answers = [answer];
  }

  send(request: TransportRequest): Promise<TransportResponse> {
    this.requests.push(request);
    const answer = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? 200;
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(typeof answer === 'number' ? { status: answer, body: '' } : answer);
  }

  /** The events of each request. */
  get batches(): Record<string, unknown>[][] {
    return this.requests.map(({ headers, body }) => {
      const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : Buffer.from(body)).toString('utf8');
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    });
  }

  get events(): Record<string, unknown>[] {
    return this.batches.flat();
  }
}
