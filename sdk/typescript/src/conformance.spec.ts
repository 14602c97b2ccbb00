import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScriptedTransport } from '../test/scripted-transport.js';
import { answerOutcome } from './answer-outcome.js';
import { backoffMs } from './backoff.js';
import type { PlumblineOptions } from './options.js';
import { Plumbline } from './plumbline.js';
import type { LabelInput, PredictionInput } from './prediction-input.js';
import { redactionOf } from './redaction.js';
import { hashOfId, isSampled } from './sampling.js';
import { uuidV7Of } from './uuid-v7.js';

type Fields = Readonly<Record<string, unknown>>;

function casesOf<T>(file: string): T[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../conformance', file), 'utf8')) as T[];
}

/** The cases are in the names of the wire. */
function camelCase<T>(fields: Fields): T {
  const entries = Object.entries(fields).map(([name, value]) => [
    name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as T;
}

function client(options: Fields, transport: ScriptedTransport): Plumbline {
  return new Plumbline({ onError: () => undefined, ...camelCase<PlumblineOptions>(options), transport });
}

describe('wire cases', () => {
  interface EventCase {
    readonly name: string;
    readonly call: 'prediction' | 'label';
    readonly options?: Fields;
    readonly nan?: readonly string[];
    readonly input: { readonly features?: Fields };
    readonly event?: Fields;
    readonly counted?: string;
  }
  it.each(casesOf<EventCase>('events.json'))('event: $name', async ({ call, options = {}, nan = [], ...rest }) => {
    const transport = new ScriptedTransport();
    const plumbline = client({ gzip: false, ...options }, transport);
    const features = rest.input.features && {
      ...rest.input.features,
      ...Object.fromEntries(nan.map((name) => [name, NaN])),
    };
    if (call === 'label') plumbline.logLabel(camelCase<LabelInput>(rest.input));
    else plumbline.logPrediction(camelCase<PredictionInput>({ ...rest.input, ...(features && { features }) }));
    await plumbline.close();
    expect(transport.events).toEqual(rest.event ? [rest.event] : []);
    const { sampledOut, droppedByReason, accepted } = plumbline.statistics();
    const counted = { sampled_out: sampledOut, ...droppedByReason, accepted };
    expect(counted).toMatchObject({ [rest.counted ?? 'accepted']: 1 });
  });

  interface BatchCase {
    readonly name: string;
    readonly options: Fields;
    readonly answers?: readonly number[];
    readonly calls: readonly { readonly call: string; readonly times: number; readonly padded_to?: number }[];
    readonly requests: readonly {
      readonly path: string;
      readonly headers: Fields;
      readonly absent: readonly string[];
      readonly events: number;
      readonly same_as?: number;
    }[];
    readonly accepted?: number;
    readonly dropped?: Fields;
  }
  it.each(casesOf<BatchCase>('batches.json'))('batch: $name', async ({ options, answers, calls, ...expected }) => {
    const transport = new ScriptedTransport(answers);
    const plumbline = client({ flush_interval_ms: 60_000, ...options }, transport);
    for (const { call, times, padded_to: paddedTo } of calls) {
      for (let i = 0; i < times; i++) {
        if (call === 'label') plumbline.logLabel({ model: 'm', predictionId: 'p', label: 1, timestamp: 0 });
        else plumbline.logPrediction(paddedPrediction(paddedTo));
      }
    }
    await plumbline.flush(60_000);
    expect(transport.requests.map(({ path }) => path)).toEqual(expected.requests.map(({ path }) => path));
    expect(transport.batches.map(({ length }) => length)).toEqual(expected.requests.map(({ events }) => events));
    expected.requests.forEach(({ headers, absent, same_as: sameAs }, i) => {
      const request = transport.requests[i]!;
      expect(request.headers).toMatchObject(headers);
      expect(Object.keys(request.headers).filter((name) => absent.includes(name))).toEqual([]);
      if (sameAs !== undefined) expect(request.body).toEqual(transport.requests[sameAs]!.body);
    });
    const { accepted, droppedByReason } = plumbline.statistics();
    if (expected.accepted !== undefined) expect(accepted).toBe(expected.accepted);
    if (expected.dropped !== undefined) expect(droppedByReason).toEqual(expected.dropped);
    await plumbline.close();
  });

  interface AnswerCase {
    readonly name: string;
    readonly count: number;
    readonly status: number;
    readonly retry_after?: string;
    readonly now?: number;
    readonly body?: unknown;
    readonly text?: string;
    readonly outcome: Fields & { readonly kind: string; readonly message?: string };
  }
  it.each(casesOf<AnswerCase>('answers.json'))('answer: $name', ({ count, status, now = 0, body, text, ...rest }) => {
    const response = { status, retryAfter: rest.retry_after, body: text ?? JSON.stringify(body) };
    const { message, ...outcome } = answerOutcome(response, count, now) as { kind: string; message?: string };
    const { message: expectedMessage, ...expected } = rest.outcome;
    expect(outcome).toEqual({
      ...(expected.kind === 'retry' ? { retryAfterMs: undefined } : {}),
      ...camelCase<Fields>(expected),
    });
    if (expectedMessage !== undefined) expect(message).toBe(expectedMessage);
  });

  it.each(casesOf<{ attempt: number; random: number; retry_after_ms?: number; delay_ms: number }>('backoff.json'))(
    'backoff: %j',
    ({ attempt, random, retry_after_ms: askedMs, delay_ms: delayMs }) => {
      expect(backoffMs(attempt, random, askedMs)).toBe(delayMs);
    },
  );

  it.each(casesOf<{ id: string; hash: number; kept: Record<string, boolean> }>('sampling.json'))(
    'sampling: $id',
    ({ id, hash, kept }) => {
      expect(hashOfId(id)).toBe(hash);
      for (const [rate, isKept] of Object.entries(kept)) expect(isSampled(id, Number(rate))).toBe(isKept);
    },
  );

  it.each(casesOf<{ patterns: string[]; name: string; redacted: boolean }>('redaction.json'))(
    'redaction: $patterns $name',
    ({ patterns, name, redacted }) => {
      expect(redactionOf(patterns)(name)).toBe(redacted);
    },
  );

  it.each(casesOf<{ time_ms: number; random: string; id: string }>('uuid.json'))('uuid: $id', (uuid) => {
    expect(uuidV7Of(uuid.time_ms, Buffer.from(uuid.random, 'hex'))).toBe(uuid.id);
  });
});

/** A prediction whose line has so many bytes, with its end. */
function paddedPrediction(sizeBytes: number | undefined): PredictionInput {
  const features = (pad: string): PredictionInput => ({
    model: 'm',
    predictionId: 'p',
    timestamp: 0,
    features: { pad },
  });
  const line = JSON.stringify({ model: 'm', prediction_id: 'p', timestamp: 0, features: { pad: '' } });
  return features('x'.repeat(Math.max(0, (sizeBytes ?? 0) - line.length - 1)));
}
