import { randomUUID } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { TransitionRecord } from '@plumbline/contracts';
import type { EventStream, OutgoingRecord, StreamBatch } from '@plumbline/stream';
import { StreamOverloadedError, StreamStoppedError } from '@plumbline/stream';

export interface StreamUnderTest {
  /** Fresh, with at least two partitions per topic, reading topics from their first record. */
  readonly stream: EventStream;
  /** Releases what `makeStream` took, after the test has stopped the stream. */
  close(): Promise<void>;
}

export interface StreamCapabilities {
  /** Given where slow handlers fill the queue that publish waits in. With Kafka they do not: the broker holds the backlog. */
  readonly overload?: { readonly maxQueueBytes: number };
}

/** Long enough for a broker to form a group and to hand over a partition. */
const CONDITION_TIMEOUT_MS = 20_000;
const TOPIC = 'plumbline.transitions';
type Batch = StreamBatch<TransitionRecord>;

/**
 * What every EventStream does. The suite holds for a stream whose topics outlive it and are shared: it subscribes first, never
 * waits for a publish before a handler can run, looks only at records under its own keys, and knows no batch boundaries.
 */
export function describeEventStream(
  name: string,
  makeStream: () => Promise<StreamUnderTest>,
  capabilities: StreamCapabilities = {},
): void {
  describe(`${name} as an EventStream`, () => {
    let underTest: StreamUnderTest;
    let stream: EventStream;
    let run: string;

    beforeEach(async () => {
      underTest = await makeStream();
      stream = underTest.stream;
      run = randomUUID();
    });

    afterEach(async () => {
      await stream.stop();
      await underTest.close();
    });

    const keyOf = (model: string): string => `${run}/${model}`;
    const record = (model: string, sequence: number, sizeBytes = 100): OutgoingRecord<TransitionRecord> => ({
      key: keyOf(model),
      value: { project: run, model: String(sequence) },
      sizeBytes,
    });
    const records = (model: string, first: number, count: number) =>
      Array.from({ length: count }, (_, index) => record(model, first + index));
    const publish = (published: readonly OutgoingRecord<TransitionRecord>[]) => stream.publish(TOPIC, published);
    /** Records of this test in a batch: a topic that outlives its stream holds those of others too. */
    const ownRecords = (batch: Batch) => batch.records.filter(({ key }) => key.startsWith(run));
    const sequencesOf = (batch: Batch, model: string): number[] =>
      batch.records.filter(({ key }) => key === keyOf(model)).map(({ value }) => Number(value.model));

    /** Subscribes with a handler that is called for batches holding records of this test only. */
    const subscribe = (handler: (batch: Batch) => void | Promise<void>, maxRecords?: number) =>
      stream.subscribe(
        TOPIC,
        async (batch) => {
          if (ownRecords(batch).length > 0) await handler(batch);
        },
        { group: run, ...(maxRecords === undefined ? {} : { maxRecords }) },
      );

    /** Two models whose keys lie in different partitions, found by asking the stream. */
    const modelsInTwoPartitions = async (seen: ReadonlyMap<string, number>): Promise<[string, string]> => {
      const models = Array.from({ length: 32 }, (_, index) => `probe-${index}`);
      await Promise.all([
        publish(models.map((model) => record(model, -1))),
        until(() => models.every((model) => seen.has(model))),
      ]);
      const other = models.find((model) => seen.get(model) !== seen.get(models[0]!));
      if (other === undefined) throw new Error('makeStream must give a stream of at least two partitions');
      return [models[0]!, other];
    };

    it('delivers the records of a key in the order of publishing, in one partition', async () => {
      const models = ['a', 'b', 'c', 'd', 'e'];
      const received = new Map(models.map((model) => [model, [] as number[]]));
      const partitions = new Map(models.map((model) => [model, new Set<number>()]));
      await subscribe((batch) => {
        for (const model of models) {
          const sequences = sequencesOf(batch, model);
          received.get(model)!.push(...sequences);
          if (sequences.length > 0) partitions.get(model)!.add(batch.partition);
        }
      });
      const publishing: Promise<void>[] = [];
      for (let first = 0; first < 100; first += 5) {
        publishing.push(publish(models.flatMap((model) => records(model, first, 5))));
        await setImmediate();
      }
      await Promise.all([...publishing, until(() => models.every((model) => received.get(model)!.length >= 100))]);
      for (const model of models) {
        expect(received.get(model)).toEqual(range(100));
        expect(partitions.get(model)!.size).toBe(1);
      }
    });

    it('delivers what was published before anybody subscribed', async () => {
      const publishing = publish(records('early', 0, 10));
      const received: number[] = [];
      await subscribe((batch) => void received.push(...sequencesOf(batch, 'early')));
      await Promise.all([publishing, until(() => received.length >= 10)]);
      expect(received).toEqual(range(10));
    });

    it('hands over key, value, topic and ascending offsets as published', async () => {
      const batches: Batch[] = [];
      await subscribe((batch) => void batches.push(batch));
      const value = { project: run, model: 'Größe "x"\n\u{1F9EE}' };
      const key = keyOf('k\u00e9y "1"');
      await Promise.all([
        publish([{ key, value, sizeBytes: 100 }, ...records('plain', 0, 3)]),
        until(() => batches.flatMap(ownRecords).length >= 4),
      ]);
      expect(batches.flatMap(ownRecords).find((received) => received.key === key)?.value).toEqual(value);
      for (const batch of batches) {
        expect(batch.topic).toBe(TOPIC);
        const offsets = batch.records.map(({ offset }) => BigInt(offset));
        expect(offsets).toEqual([...offsets].sort((left, right) => (left < right ? -1 : 1)));
        expect(new Set(offsets).size).toBe(offsets.length);
      }
    });

    it('delivers a batch again after a throw: same records, same identity, nothing skipped and nothing in between', async () => {
      const attempts: { identity: string; offsets: string; failed: boolean; sequences: number[] }[] = [];
      let failures = 3;
      await subscribe((batch) => {
        const failed = failures > 0;
        failures -= 1;
        attempts.push({
          identity: batch.identity,
          offsets: batch.records.map(({ offset }) => offset).join(),
          failed,
          sequences: sequencesOf(batch, 'm'),
        });
        if (failed) throw new Error(`failure on purpose, ${failures} to come`);
      }, 4);
      const handled = () => attempts.filter(({ failed }) => !failed).flatMap(({ sequences }) => sequences);
      await Promise.all([
        publish(records('m', 0, 10)),
        publish(records('m', 10, 10)),
        until(() => handled().length >= 20),
      ]);
      expect(handled()).toEqual(range(20));
      const [first, ...others] = attempts;
      for (const again of others.slice(0, 3)) {
        expect({ identity: again.identity, offsets: again.offsets }).toEqual({
          identity: first!.identity,
          offsets: first!.offsets,
        });
      }
    });

    it('keeps delivering other partitions while a handler of one fails', async () => {
      const seen = new Map<string, number>();
      let poison: string | undefined;
      let failures = 0;
      const received: number[] = [];
      let other = '';
      await subscribe((batch) => {
        for (const { key } of ownRecords(batch)) seen.set(key.slice(run.length + 1), batch.partition);
        if (poison !== undefined && batch.partition === seen.get(poison)) {
          failures += 1;
          throw new Error('failure on purpose');
        }
        received.push(...sequencesOf(batch, other));
      });
      [poison, other] = await modelsInTwoPartitions(seen);
      const poisoned = publish([record(poison, 0)]);
      await until(() => failures > 0);
      await Promise.all([publish(records(other, 0, 5)), until(() => received.includes(4))]);
      expect(received.filter((sequence) => sequence >= 0)).toEqual(range(5));
      poison = undefined;
      await poisoned;
    });

    it('gives every batch an identity of its own', async () => {
      const batchesByIdentity = new Map<string, Set<string>>();
      let received = 0;
      await subscribe((batch) => {
        const content = ownRecords(batch).map(({ key, value }) => `${key}=${value.model}`);
        received += content.length;
        const contents = batchesByIdentity.get(batch.identity) ?? new Set();
        batchesByIdentity.set(batch.identity, contents.add(content.join()));
      }, 3);
      await Promise.all([
        publish(['a', 'b', 'c', 'd'].flatMap((model) => records(model, 0, 25))),
        until(() => received >= 100),
      ]);
      expect(received).toBe(100);
      for (const contents of batchesByIdentity.values()) expect(contents.size).toBe(1);
      expect(batchesByIdentity.size).toBeGreaterThanOrEqual(Math.ceil(100 / 3));
    });

    it('runs one handler at a time for a partition, and partitions side by side', async () => {
      const seen = new Map<string, number>();
      const runningIn = new Map<number, number>();
      let mostInOnePartition = 0;
      const gate = deferred();
      let gated = false;
      await subscribe(async (batch) => {
        for (const { key } of ownRecords(batch)) seen.set(key.slice(run.length + 1), batch.partition);
        const running = (runningIn.get(batch.partition) ?? 0) + 1;
        runningIn.set(batch.partition, running);
        mostInOnePartition = Math.max(mostInOnePartition, running);
        if (gated) await gate.promise;
        runningIn.set(batch.partition, running - 1);
      }, 2);
      const [left, right] = await modelsInTwoPartitions(seen);
      gated = true;
      const publishing = Promise.all([publish(records(left, 0, 10)), publish(records(right, 0, 10))]);
      // Both handlers wait at the gate, so this is reached only when they run at the same time.
      await until(() => runningIn.get(seen.get(left)!) === 1 && runningIn.get(seen.get(right)!) === 1);
      gate.resolve();
      await publishing;
      expect(mostInOnePartition).toBe(1);
    });

    it('hands over many records in batches no larger than asked for', async () => {
      const received: number[] = [];
      let largest = 0;
      await subscribe((batch) => {
        largest = Math.max(largest, batch.records.length);
        received.push(...sequencesOf(batch, 'big'));
      }, 1_000);
      await Promise.all([publish(records('big', 0, 20_000)), until(() => received.length >= 20_000)]);
      expect(received).toEqual(range(20_000));
      expect(largest).toBeLessThanOrEqual(1_000);
    });

    it('lets a handler report progress, and tells a handler that owns its partition so', async () => {
      const stale: boolean[] = [];
      await subscribe(async (batch) => {
        await batch.heartbeat();
        stale.push(batch.isStale());
      });
      await Promise.all([publish([record('m', 0)]), until(() => stale.length > 0)]);
      expect(stale).toEqual([false]);
    });

    it('owns a key while it takes its records, under one ownership', async () => {
      expect(stream.owns(TOPIC, keyOf('m'))).toBe(false);
      const ownerships = new Set<string>();
      let received = 0;
      await subscribe((batch) => {
        ownerships.add(`${batch.partition} ${batch.ownership}`);
        received += sequencesOf(batch, 'm').length;
      }, 3);
      await Promise.all([
        publish(records('m', 0, 10)),
        until(() => received >= 10),
        until(() => stream.owns(TOPIC, keyOf('m'))),
      ]);
      expect(ownerships.size).toBe(1);
      await stream.stop();
      expect(stream.owns(TOPIC, keyOf('m'))).toBe(false);
    });

    it('publishes nothing at once', async () => {
      await publish([]);
    });

    it('reports records that are not handled yet, and that they are when they are', async () => {
      const gate = deferred();
      let partition = -1;
      await subscribe(async (batch) => {
        partition = batch.partition;
        await gate.promise;
      });
      const startedAtMs = Date.now();
      const publishing = publish(records('m', 0, 7));
      await until(() => partition >= 0);
      const waiting = stream.health().partitions.find((each) => each.topic === TOPIC && each.partition === partition)!;
      expect(waiting.queuedRecords).toBeGreaterThan(0);
      expect(waiting.lastProgressAtMs).toBeGreaterThanOrEqual(startedAtMs);
      gate.resolve();
      await publishing;
      await until(() => stream.health().partitions.every(({ queuedRecords }) => queuedRecords === 0));
    });

    it('refuses a second subscription of a topic', async () => {
      await subscribe(() => undefined);
      await expect(subscribe(() => undefined)).rejects.toThrow(TOPIC);
    });

    it('finishes running handlers on stop, and begins none afterwards', async () => {
      const gate = deferred();
      let running = 0;
      let finished = 0;
      let stopped = false;
      let begunAfterStop = 0;
      await subscribe(async () => {
        if (stopped) begunAfterStop += 1;
        running += 1;
        await gate.promise;
        await setImmediate();
        running -= 1;
        finished += 1;
      }, 2);
      const publishing = Array.from({ length: 20 }, (_, index) => settlement(publish(records(`m${index}`, 0, 5))));
      await until(() => running > 0);
      const runningBefore = running;
      const stopping = stream.stop().then(() => {
        stopped = true;
        expect(running).toBe(0);
      });
      publishing.push(settlement(publish(records('late', 0, 5))));
      gate.resolve();
      await stopping;
      expect(finished).toBeGreaterThanOrEqual(runningBefore);
      // Every publisher learns what became of its records: none waits for ever, and none fails with another error.
      for (const outcome of await Promise.all(publishing)) {
        if (outcome !== 'published') expect(outcome).toBeInstanceOf(StreamStoppedError);
      }
      expect(begunAfterStop).toBe(0);
    });

    it('stops although a handler fails for ever, and then leaves it alone', async () => {
      let attempts = 0;
      await subscribe(() => {
        attempts += 1;
        throw new Error('failure on purpose');
      });
      const publishing = settlement(publish([record('m', 0)]));
      await until(() => attempts >= 2);
      await stream.stop();
      const attemptsAtStop = attempts;
      const outcome = await publishing;
      if (outcome !== 'published') expect(outcome).toBeInstanceOf(StreamStoppedError);
      expect(attempts).toBe(attemptsAtStop);
    });

    it('takes nothing after stop, and can be stopped twice', async () => {
      await subscribe(() => undefined);
      await Promise.all([stream.stop(), stream.stop()]);
      await stream.stop();
      await expect(publish([record('m', 0)])).rejects.toThrow(StreamStoppedError);
      await expect(subscribe(() => undefined)).rejects.toThrow(StreamStoppedError);
    });

    const { overload } = capabilities;
    if (overload) {
      it('refuses at once what the queue has no room for, keeps none of it, and takes it when there is room', async () => {
        const gate = deferred();
        const received: number[] = [];
        let running = false;
        await subscribe(async (batch) => {
          running = true;
          await gate.promise;
          received.push(...sequencesOf(batch, 'm'));
        });
        const half = Math.ceil(overload.maxQueueBytes / 2);
        const first = publish([record('m', 0, half)]);
        await until(() => running);
        const refusal = await settlement(publish([record('m', 1, 1), record('other', 1, half)]));
        expect(refusal).toBeInstanceOf(StreamOverloadedError);
        expect(refusal).toMatchObject({ retryable: true, reason: 'overloaded' });
        expect((refusal as StreamOverloadedError).retryAfterMs).toBeGreaterThan(0);
        gate.resolve();
        await first;
        await publish([record('m', 2, half)]);
        expect(received).toEqual([0, 2]);
      });

      it('refuses for good what would not fit an empty queue', async () => {
        await expect(publish([record('m', 0, overload.maxQueueBytes + 1)])).rejects.toThrow(RangeError);
      });
    }
  });
}

/** Resolves when the condition holds. Gives up before the test does, which would leave this polling behind its back. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + CONDITION_TIMEOUT_MS;
  while (!condition()) {
    if (Date.now() > deadline)
      throw new Error(`still not so after ${CONDITION_TIMEOUT_MS} ms: ${condition.toString()}`);
    await setTimeout(1);
  }
}

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

function settlement(publishing: Promise<void>): Promise<unknown> {
  return publishing.then(
    () => 'published',
    (error: unknown) => error,
  );
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
