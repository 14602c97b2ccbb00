import { gzipSync } from 'node:zlib';
import type { SeededRandom } from './seeded-random.js';

/** Largest body that the service under test is configured to take: small, so that exceeding it is cheap. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Texts of events that are JSON and must each be refused, alone, whatever stands beside them. */
const POISON_EVENTS: readonly string[] = [
  '{}',
  '7',
  'null',
  '[]',
  '{"prediction_id":"p","features":{}}',
  '{"model":"plain","features":{}}',
  '{"model":"plain","prediction_id":"","features":{}}',
  '{"model":"../x","prediction_id":"p","features":{}}',
  '{"model":"plain","prediction_id":"p","features":[]}',
  '{"model":"plain","prediction_id":"p","features":{"x":{"deep":1}}}',
  '{"model":"plain","prediction_id":"p","features":{},"prediction":{"score":1e999}}',
  '{"model":"plain","prediction_id":"p","features":{},"surprise":1}',
  '{"model":"plain","prediction_id":"p","features":{},"timestamp":"yesterday"}',
  '{"model":"plain","prediction_id":"p","features":{},"timestamp":-1}',
  '{"model":"plain","prediction_id":"p","features":{},"timestamp":"2390-01-01T00:00:00Z"}',
  '{"model":"plain","prediction_id":"p","features":{},"latency_ms":-5}',
  '{"model":"plain","prediction_id":"p\\ud800","features":{}}',
  '{"model":"plain","prediction_id":"p","features":{"__proto__":1}}',
  `{"model":"plain","prediction_id":"p","features":{"x":"${'x'.repeat(20_000)}"}}`,
  `{"model":"plain","prediction_id":"${'p'.repeat(300)}","features":{}}`,
  `{"model":"plain","prediction_id":"p","features":{"x":${'['.repeat(50)}${']'.repeat(50)}}}`,
  `{"model":"plain","prediction_id":"p","features":{${Array.from({ length: 2_001 }, (_, i) => `"f${i}":1`).join()}}}`,
];

/** An event that must be refused, as JSON text. */
export function poisonEvent(random: SeededRandom): string {
  return random.pick(POISON_EVENTS);
}

/** A request that must be refused as a whole. */
export interface PoisonRequest {
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

const json = { 'content-type': 'application/json' };
const gzip = { ...json, 'content-encoding': 'gzip' };
const GOOD = '[{"model":"plain","prediction_id":"never","features":{}}]';

const bytes = (data: string | Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(data as string));

const POISON_REQUESTS: readonly (() => PoisonRequest)[] = [
  () => ({ what: 'not JSON', headers: json, body: bytes('[{"model":') }),
  () => ({ what: 'nothing', headers: json, body: bytes('') }),
  () => ({ what: 'wrong UTF-8', headers: json, body: bytes(Uint8Array.of(0x5b, 0xff, 0xfe, 0x5d)) }),
  () => ({ what: 'wrong content type', headers: { 'content-type': 'text/plain' }, body: bytes(GOOD) }),
  () => ({ what: 'too large', headers: json, body: bytes(GOOD.padEnd(MAX_BODY_BYTES + 1, ' ')) }),
  () => ({ what: 'gzip cut short', headers: gzip, body: bytes(gzipSync(GOOD).subarray(0, 20)) }),
  () => ({ what: 'gzip that is none', headers: gzip, body: bytes(GOOD) }),
  () => ({ what: 'gzip bomb', headers: gzip, body: bytes(gzipSync(GOOD.padEnd(40 * MAX_BODY_BYTES, ' '))) }),
];

export function poisonRequest(random: SeededRandom): PoisonRequest {
  return random.pick(POISON_REQUESTS)();
}
