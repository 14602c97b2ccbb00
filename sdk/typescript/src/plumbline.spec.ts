import { ScriptedTransport } from '../test/scripted-transport.js';
import { until } from '../../../test/support/until.js';
import { MemoryTransport } from './memory-transport.js';
import type { PlumblineOptions } from './options.js';
import { Plumbline } from './plumbline.js';
import type { PlumblineError } from './plumbline-error.js';
import { uuidV7 } from './uuid-v7.js';

function setUp(options: PlumblineOptions = {}, answers: ConstructorParameters<typeof ScriptedTransport>[0] = []) {
  const transport = new ScriptedTransport(answers);
  const errors: PlumblineError[] = [];
  const onError = (error: PlumblineError): void => void errors.push(error);
  const plumbline = new Plumbline({ model: 'm', flushIntervalMs: 60_000, onError, transport, ...options });
  return { plumbline, transport, errors };
}

const rejection = (index: number) => ({
  index,
  field: 'features.age',
  reason: 'wrong_type',
  message: 'must be a number',
});

describe('Plumbline', () => {
  it('sends after the interval, without being asked', async () => {
    const { plumbline, transport } = setUp({ flushIntervalMs: 1 });
    const id = plumbline.logPrediction({ features: { age: 41 } });
    await until('the event is sent', () => transport.events[0]);
    expect(transport.events).toMatchObject([{ model: 'm', prediction_id: id, features: { age: 41 } }]);
    await plumbline.close();
  });

  it('makes ids of version 7 that carry the time of the event', async () => {
    const { plumbline, transport } = setUp();
    const id = plumbline.logPrediction({ features: {} });
    await plumbline.close();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(transport.events[0]!['timestamp']);
    expect(new Set(Array.from({ length: 2_000 }, () => uuidV7(0))).size).toBe(2_000);
  });

  it('sends what the features were at the call', async () => {
    const { plumbline, transport } = setUp();
    const features = { age: 41 };
    plumbline.logPrediction({ features });
    features.age = 42;
    await plumbline.close();
    expect(transport.events).toMatchObject([{ features: { age: 41 } }]);
  });

  it('writes dates and large whole numbers', async () => {
    const { plumbline, transport } = setUp();
    plumbline.logPrediction({ features: { at: new Date(0), big: 2n ** 60n, gone: undefined, nothing: null } });
    await plumbline.close();
    expect(transport.events).toMatchObject([
      { features: { at: '1970-01-01T00:00:00.000Z', big: 2 ** 60, nothing: null } },
    ]);
    expect(transport.events[0]!['features']).not.toHaveProperty('gone');
  });

  it.each([
    ['nothing', undefined],
    ['features that are none', { features: 7 }],
    ['an id that is none', { features: {}, predictionId: {} }],
    ['a cycle', { features: cycle() }],
    ['a getter that throws', throwingInput()],
  ])('does not throw, counts and tells when it is given %s', async (_name, input) => {
    const { plumbline, transport, errors } = setUp({ sampleRate: 0.999 });
    expect(typeof plumbline.logPrediction(input as never)).toBeDefined();
    plumbline.logLabel(undefined as never);
    await plumbline.close();
    expect(transport.requests).toEqual([]);
    expect(errors.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/invalid_call|not_serializable/),
      'invalid_call',
    ]);
    expect(plumbline.statistics()).toMatchObject({ logged: 2, dropped: 2, queued: 0 });
  });

  it('drops new events when the queue is full, counts each, and tells once', async () => {
    const { plumbline, transport, errors } = setUp({ maxQueueEvents: 3 });
    for (let i = 0; i < 10; i++) plumbline.logPrediction({ predictionId: `p-${i}`, features: {} });
    expect(plumbline.statistics()).toMatchObject({ queued: 3, droppedByReason: { queue_full: 7 } });
    await plumbline.close();
    expect(transport.events.map((event) => event['prediction_id'])).toEqual(['p-0', 'p-1', 'p-2']);
    expect(errors).toMatchObject([{ reason: 'queue_full', count: 7 }]);
  });

  it('bounds the queue in bytes', async () => {
    const { plumbline } = setUp({ maxQueueBytes: 1_000 }, [new Error('away')]);
    for (let i = 0; i < 100; i++) plumbline.logPrediction({ features: { text: 'x'.repeat(100) } });
    const { queued, queuedBytes, dropped } = plumbline.statistics();
    expect(queuedBytes).toBeLessThanOrEqual(1_000);
    expect(queued + dropped).toBe(100);
    expect(queued).toBeGreaterThan(2);
    await plumbline.close(0);
  });

  it('waits for room in logBatch, so that nothing is dropped', async () => {
    const { plumbline, transport } = setUp({ maxQueueEvents: 10, maxBatchEvents: 5 });
    const ids = await plumbline.logBatch(Array.from({ length: 100 }, () => ({ features: {} })));
    await plumbline.close();
    expect(transport.events.map((event) => event['prediction_id'])).toEqual(ids);
    expect(plumbline.statistics()).toMatchObject({ accepted: 100, dropped: 0 });
  });

  it('gives up waiting for room in logBatch after its time', async () => {
    const { plumbline } = setUp({ maxQueueEvents: 10 }, [new Error('away')]);
    const ids = await plumbline.logBatch(
      Array.from({ length: 15 }, () => ({ features: {} })),
      { timeoutMs: 50 },
    );
    expect(ids).toHaveLength(15);
    expect(plumbline.statistics()).toMatchObject({ queued: 10, droppedByReason: { queue_full: 5 } });
    await plumbline.close(0);
  });

  it('tells of each event that the server rejects, with its field and id', async () => {
    const body = JSON.stringify({ accepted: 1, rejected_count: 2, rejected: [rejection(1)] });
    const { plumbline, errors } = setUp({}, [{ status: 200, body }]);
    for (let i = 0; i < 3; i++) plumbline.logPrediction({ predictionId: `p-${i}`, features: { age: 'x' } });
    await plumbline.close();
    expect(errors).toMatchObject([
      { reason: 'rejected', count: 1, field: 'features.age', code: 'wrong_type', predictionId: 'p-1' },
      { reason: 'rejected', count: 1 },
    ]);
    expect(plumbline.statistics()).toMatchObject({ accepted: 1, rejected: 2, dropped: 0 });
  });

  it('tells of an outage once, keeps the events and sends them when it is over', async () => {
    const away = new Error('connect ECONNREFUSED');
    const { plumbline, transport, errors } = setUp({}, [away, away, away, 200]);
    plumbline.logPrediction({ features: {} });
    expect(await plumbline.flush(60_000)).toBe(true);
    expect(transport.requests).toHaveLength(4);
    expect(errors).toMatchObject([
      { reason: 'retrying', count: 0, message: expect.stringContaining('ECONNREFUSED') as string },
    ]);
    expect(plumbline.statistics()).toMatchObject({ accepted: 1, retries: 3 });
    await plumbline.close();
  });

  it('fills batches during an outage, instead of making a small one for each interval', async () => {
    const { plumbline, transport } = setUp({ flushIntervalMs: 1 }, [new Error('away')]);
    plumbline.logPrediction({ features: {} });
    await until('the outage is noticed', () => (transport.requests.length > 0 ? true : undefined));
    for (let i = 0; i < 20; i++) {
      plumbline.logPrediction({ features: {} });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    transport.answerWith(200);
    await plumbline.flush(60_000);
    expect(transport.batches.at(-1)).toHaveLength(20);
    await plumbline.close();
  });

  it('waits as long as the server asks, even when flushed', async () => {
    const { plumbline, transport } = setUp({}, [{ status: 429, retryAfter: '60', body: '' }]);
    plumbline.logPrediction({ features: {} });
    expect(await plumbline.flush(200)).toBe(false);
    expect(transport.requests).toHaveLength(1);
    await plumbline.close(0);
  });

  it('counts what there was no time for at the end, and drops what comes after', async () => {
    const { plumbline, errors } = setUp({}, [new Error('away')]);
    plumbline.logPrediction({ features: {} });
    plumbline.logPrediction({ features: {} });
    expect(await plumbline.close(10)).toBe(false);
    plumbline.logPrediction({ features: {} });
    expect(await plumbline.close()).toBe(false);
    expect(plumbline.statistics()).toMatchObject({
      logged: 3,
      queued: 0,
      droppedByReason: { not_sent_in_time: 2, closed: 1 },
    });
    expect(errors.filter(({ count }) => count > 0).map(({ reason, count }) => [reason, count])).toEqual([
      ['not_sent_in_time', 2],
      ['closed', 1],
    ]);
  });

  it('lets beforeSend change and drop events, and never the objects of the caller', async () => {
    const features = { age: 41, email: 'a@b.example' };
    const { plumbline, transport } = setUp({
      beforeSend: (event, kind) => {
        if (kind === 'label') return null;
        if ('features' in event) delete event.features['email'];
        return event;
      },
    });
    plumbline.logPrediction({ features });
    plumbline.logLabel({ predictionId: 'p', label: 1 });
    await plumbline.close();
    expect(transport.events).toMatchObject([{ features: { age: 41 } }]);
    expect(features).toHaveProperty('email');
    expect(plumbline.statistics()).toMatchObject({ accepted: 1, filtered: 1 });
  });

  it('sends nothing that beforeSend failed on', async () => {
    const { plumbline, transport, errors } = setUp({
      beforeSend: () => {
        throw new Error('oops');
      },
    });
    plumbline.logPrediction({ features: {} });
    await plumbline.close();
    expect(transport.requests).toEqual([]);
    expect(errors).toMatchObject([{ reason: 'before_send_failed', count: 1, message: 'oops' }]);
  });

  it('redacts what beforeSend put there', async () => {
    const { plumbline, transport } = setUp({
      redact: ['email'],
      beforeSend: (event) => ({ ...event, features: { email: 'a@b.example', age: 1 } }),
    });
    plumbline.logPrediction({ features: {} });
    await plumbline.close();
    expect(transport.events).toMatchObject([{ features: { age: 1 } }]);
    expect(JSON.stringify(transport.events)).not.toContain('example');
  });

  it('goes on when onError throws', async () => {
    const { plumbline, transport } = setUp({
      onError: () => {
        throw new Error('oops');
      },
    });
    plumbline.logPrediction(undefined as never);
    plumbline.logPrediction({ features: {} });
    await plumbline.close();
    expect(transport.events).toHaveLength(1);
  });

  it('keeps about as many as the rate says, and the labels of just these', async () => {
    const { plumbline, transport } = setUp({ sampleRate: 0.25 });
    for (let i = 0; i < 4_000; i++) {
      const predictionId = plumbline.logPrediction({ features: {} });
      plumbline.logLabel({ predictionId, label: 1 });
    }
    await plumbline.close(60_000);
    const predictions = transport.events.filter((event) => 'features' in event);
    const labels = transport.events.filter((event) => 'label' in event);
    const ids = (events: Record<string, unknown>[]) => events.map((event) => event['prediction_id']);
    expect(ids(labels)).toEqual(ids(predictions));
    // Six standard deviations.
    expect(Math.abs(predictions.length - 1_000)).toBeLessThan(170);
    expect(predictions[0]).toMatchObject({ sample_rate: 0.25 });
    expect(plumbline.statistics()).toMatchObject({ logged: 8_000, sampledOut: 8_000 - 2 * predictions.length });
  });

  it('keeps events in memory for tests of services', async () => {
    const memory = new MemoryTransport();
    const plumbline = new Plumbline({ model: 'm', transport: memory });
    const predictionId = plumbline.logPrediction({ features: { age: 41 }, prediction: { label: 'yes' } });
    plumbline.logLabel({ predictionId, label: 'no' });
    await plumbline.flush();
    expect(memory.predictions).toMatchObject([{ prediction_id: predictionId, prediction: { label: 'yes' } }]);
    expect(memory.labels).toMatchObject([{ prediction_id: predictionId, label: 'no' }]);
    memory.clear();
    expect(memory.predictions).toEqual([]);
    await plumbline.close();
  });

  it('does not collect listeners on the process', async () => {
    const before = process.listenerCount('exit');
    const clients = Array.from({ length: 20 }, () => setUp().plumbline);
    expect(process.listenerCount('exit')).toBeLessThanOrEqual(before + 1);
    await Promise.all(clients.map((client) => client.close()));
    expect(process.listenerCount('exit')).toBe(before);
  });
});

function cycle(): object {
  const features: Record<string, unknown> = {};
  features['self'] = features;
  return features;
}

function throwingInput(): object {
  return {
    get features(): never {
      throw new Error('lazy');
    },
  };
}
