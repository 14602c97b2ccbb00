import { gunzipSync } from 'node:zlib';
import type { Transport, TransportRequest, TransportResponse } from './transport.js';
import type { WireLabel, WirePrediction } from './wire-event.js';

/**
 * Keeps what is sent in memory and takes everything: for tests of services that log. Call `flush()` of the client before looking.
 *
 * @example
 * const memory = new MemoryTransport();
 * const plumbline = new Plumbline({ transport: memory });
 */
export class MemoryTransport implements Transport {
  readonly predictions: WirePrediction[] = [];
  readonly labels: WireLabel[] = [];

  send({ path, headers, body }: TransportRequest): Promise<TransportResponse> {
    const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : Buffer.from(body)).toString('utf8');
    const events = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
    // The client itself wrote them in this form.
    if (path.endsWith('/labels')) this.labels.push(...(events as WireLabel[]));
    else this.predictions.push(...(events as WirePrediction[]));
    return Promise.resolve({
      status: 200,
      body: JSON.stringify({ accepted: events.length, rejected_count: 0, rejected: [] }),
    });
  }

  /** Forgets everything. */
  clear(): void {
    this.predictions.length = 0;
    this.labels.length = 0;
  }
}
