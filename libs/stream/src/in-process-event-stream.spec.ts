import { setImmediate } from 'node:timers/promises';
import type { TransitionRecord } from '@plumbline/contracts';
import type { HandlerErrorListener, StreamBatch } from './event-stream.js';
import { InProcessEventStream } from './in-process-event-stream.js';
import { StreamOverloadedError, StreamStoppedError } from './stream-error.js';

const TOPIC = 'plumbline.transitions';
const GROUP = { group: 'test' };

const ignoreError: HandlerErrorListener = () => undefined;

// What holds for this adapter only; test/contract holds what every adapter does.
describe('InProcessEventStream', () => {
  const streams: InProcessEventStream[] = [];

  const make = ({ maxQueueBytes = 1_000, partitions = 1, onHandlerError = ignoreError } = {}) => {
    const stream = new InProcessEventStream({ partitions, maxQueueBytes, maxBatchRecords: 10, onHandlerError });
    streams.push(stream);
    return stream;
  };

  afterEach(async () => {
    await Promise.all(streams.splice(0).map((stream) => stream.stop()));
  });

  const record = (model: string, sizeBytes = 1) => ({ key: model, value: { project: 'p', model }, sizeBytes });

  /** A subscription whose handler waits to be released, batch by batch. */
  const subscribeGated = async (stream: InProcessEventStream) => {
    const batches: StreamBatch<TransitionRecord>[] = [];
    const releases: (() => void)[] = [];
    await stream.subscribe(
      TOPIC,
      (batch) => {
        batches.push(batch);
        return new Promise((resolve) => releases.push(resolve));
      },
      GROUP,
    );
    const models = () => batches.map((batch) => batch.records.map(({ value }) => value.model).join(''));
    return { batches, models, release: () => releases.shift()!() };
  };

  const turns = async (count = 3): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await setImmediate();
  };

  it('resolves publish only when the handler has returned', async () => {
    const stream = make();
    const { batches, release } = await subscribeGated(stream);
    let published = false;
    const publishing = stream.publish(TOPIC, [record('a')]).then(() => (published = true));
    await turns();
    expect([batches.length, published]).toEqual([1, false]);
    release();
    await publishing;
    expect(stream.health().partitions).toMatchObject([{ queuedRecords: 0, queuedBytes: 0, oldestAgeMs: 0 }]);
  });

  it('makes one batch of everything that was queued while a handler ran, up to the largest batch', async () => {
    const stream = make();
    const { models, release } = await subscribeGated(stream);
    const publishing = [stream.publish(TOPIC, [record('a')]), stream.publish(TOPIC, [record('b')])];
    await turns();
    for (const model of 'cdefghijklmn') publishing.push(stream.publish(TOPIC, [record(model)]));
    for (let batch = 0; batch < 3; batch++) {
      release();
      await turns();
    }
    await Promise.all(publishing);
    expect(models()).toEqual(['ab', 'cdefghijkl', 'mn']);
  });

  it('resolves a publish that spans batches and partitions when the last of its records is handled', async () => {
    const stream = make({ partitions: 4 });
    let handled = 0;
    await stream.subscribe(
      TOPIC,
      async (batch) => {
        await batch.heartbeat();
        handled += batch.records.length;
      },
      GROUP,
    );
    await stream.publish(
      TOPIC,
      Array.from({ length: 200 }, (_, index) => record(`m${index}`)),
    );
    expect(handled).toBe(200);
  });

  it('holds back only the publisher of a failing batch, which is tried again', async () => {
    const failures: unknown[] = [];
    const stream = make({
      onHandlerError: (error, { identity }, attempt) => failures.push([error, identity, attempt]),
    });
    const failure = new Error('failure on purpose');
    const identities: string[] = [];
    await stream.subscribe(
      TOPIC,
      async ({ identity }) => {
        identities.push(identity);
        if (identities.length < 3) throw failure;
      },
      GROUP,
    );
    await stream.publish(TOPIC, [record('a')]);
    expect(failures).toEqual([
      [failure, identities[0], 1],
      [failure, identities[0], 2],
    ]);
  });

  it('counts what a handler holds as queued, and takes all or nothing', async () => {
    const stream = make({ maxQueueBytes: 100 });
    const { models, release } = await subscribeGated(stream);
    const publishing = [stream.publish(TOPIC, [record('a', 60)])];
    await turns();
    publishing.push(stream.publish(TOPIC, [record('b', 40)]));
    await expect(stream.publish(TOPIC, [record('c', 1)])).rejects.toThrow(StreamOverloadedError);
    expect(stream.health().partitions).toMatchObject([{ queuedRecords: 2, queuedBytes: 100 }]);
    release();
    await publishing[0];
    await expect(stream.publish(TOPIC, [record('d', 1), record('e', 60)])).rejects.toThrow(StreamOverloadedError);
    publishing.push(stream.publish(TOPIC, [record('f', 60)]));
    release();
    await turns();
    release();
    await Promise.all(publishing);
    expect(models()).toEqual(['a', 'b', 'f']);
  });

  it('lets topics share the bound of the queue', async () => {
    const stream = make({ maxQueueBytes: 100 });
    const waiting = stream.publish(TOPIC, [record('a', 60)]).catch((error: unknown) => error);
    const event = { project: 'p', model: 'm', predictionId: '1', timestampMs: 0, receivedAtMs: 0 };
    await expect(
      stream.publish('plumbline.labels', [{ key: 'm', value: { type: 'label', event }, sizeBytes: 60 }]),
    ).rejects.toThrow(StreamOverloadedError);
    await stream.stop();
    expect(await waiting).toBeInstanceOf(StreamStoppedError);
  });

  it('tells publishers of records that nobody handled before the stop', async () => {
    const stream = make();
    const { release } = await subscribeGated(stream);
    const running = stream.publish(TOPIC, [record('a')]);
    await turns();
    const waiting = stream.publish(TOPIC, [record('b')]).catch((error: unknown) => error);
    const stopping = stream.stop();
    release();
    await Promise.all([running, stopping]);
    expect(await waiting).toBeInstanceOf(StreamStoppedError);
  });

  it('never gives two processes the same identity, though the offsets of both begin at 0', async () => {
    const identities: string[] = [];
    for (let process = 0; process < 2; process++) {
      const stream = make();
      await stream.subscribe(TOPIC, async ({ identity }) => void identities.push(identity), GROUP);
      await stream.publish(TOPIC, [record('a')]);
    }
    expect(identities[0]).toMatch(/^plumbline\.transitions:0:[0-9a-f]{16}:0-0$/);
    expect(identities[0]).not.toBe(identities[1]);
  });

  it('reports how long the oldest record has waited', async () => {
    const stream = make();
    const publishing = stream.publish(TOPIC, [record('a')]).catch(() => undefined);
    const publishedAtMs = Date.now();
    while (Date.now() - publishedAtMs < 3) await setImmediate();
    const [partition] = stream.health().partitions;
    expect(partition).toMatchObject({ topic: TOPIC, partition: 0, queuedRecords: 1, queuedBytes: 1 });
    expect(partition!.oldestAgeMs).toBeGreaterThanOrEqual(3);
    await stream.stop();
    await publishing;
  });
});
