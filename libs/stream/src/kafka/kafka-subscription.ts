import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import type kafkajs from 'kafkajs';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { PartitionHealth } from '../event-stream.js';
import { StreamSetupError } from '../stream-error.js';
import { chainOf } from './explain-connection-error.js';
import { KafkaPartition, type KafkaPartitionOptions } from './kafka-partition.js';
import type { Lifeline } from './lifeline.js';
import { partitionAssigner } from './partition-assigner.js';

/** How long a fetch waits for records, and so how long an idle consumer takes to stop. */
const MAX_WAIT_MS = 500;
const FETCH_PARTITION_BYTES = 2 * 1024 * 1024;
const FETCH_BYTES = 16 * 1024 * 1024;
/** How long the group waits for a member that still works on its partitions. */
const REBALANCE_TIMEOUT_MS = 60_000;
/** Shorter: the member must have joined again before the group stops waiting. */
const DRAIN_TIMEOUT_MS = 45_000;
/** What a last commit may take when the process stops, and what leaving the group may, before each is given up. */
const STOP_GRACE_MS = 3_000;
const COMMIT_RETRY_MS = 200;
const START_ANEW_MS = 1_000;
/** How long brokers may take to know a topic that has just been made, or made anew. */
const TOPIC_KNOWN_WITHIN_MS = 30_000;
const TOPIC_RETRY_MS = 250;
/** How kafkajs words UNKNOWN_TOPIC_OR_PARTITION. */
const UNKNOWN_TOPIC = 'This server does not host this topic-partition';

type FromStream =
  'topic' | 'codec' | 'foreignKeyOf' | 'handler' | 'maxBatchRecords' | 'maxBatchBytes' | 'onHandlerError' | 'reroute';

export interface KafkaSubscriptionOptions extends Pick<KafkaPartitionOptions, FromStream> {
  readonly kafka: Kafka;
  readonly lifeline: Lifeline;
  readonly protocol: typeof kafkajs.AssignerProtocol;
  readonly processId: string;
  /** The topic's name in Kafka. */
  readonly topicName: string;
  readonly groupId: string;
  readonly partitionCount: number;
  /** Bytes fetched ahead of the handler, over all partitions of the topic. */
  readonly maxFetchedBytes: number;
  readonly sessionTimeoutMs: number;
  /** Told when the consumer will not come back. */
  readonly onDead: (error: Error) => void;
}

/**
 * A consumer of one topic. kafkajs fetches, and this takes what it fetched into queues of its own, one for each partition: so a
 * handler that is slow or fails holds up its partition only, while the others go on and the group sees heartbeats.
 *
 * "Resolved" means fetched here, and is never committed: commits are explicit, and of what a handler has returned from.
 */
export class KafkaSubscription {
  private consumer: Consumer;
  private partitions = new Map<number, KafkaPartition>();
  /** Of this process, still at work on partitions that have been given up. */
  private readonly leaving = new Set<KafkaPartition>();
  /** Where partitions that have been given up had stopped. */
  private readonly stoppedAt = new Map<number, string>();
  /** What makes each commit that is under way end in time. */
  private readonly commits = new Set<() => void>();
  private payload: EachBatchPayload | undefined;
  private assignments = 0;
  private drainingSinceMs: number | undefined;
  private lastHeartbeatAtMs = 0;
  private lastFetchAtMs = Date.now();
  private isStopping = false;
  private fault: string | undefined;

  constructor(private readonly options: KafkaSubscriptionOptions) {
    this.consumer = this.newConsumer();
  }

  get groupId(): string {
    return this.options.groupId;
  }

  get topicName(): string {
    return this.options.topicName;
  }

  /** When a fetch was last completed, with or without records. */
  get fetchedAtMs(): number {
    return this.lastFetchAtMs;
  }

  /** Why nothing is consumed; undefined when all is well. */
  get faultText(): string | undefined {
    return this.fault;
  }

  /** Resolves when the group has been joined. */
  async start(): Promise<void> {
    await this.run();
    if (this.fault) throw new StreamSetupError(this.fault);
  }

  private async run(): Promise<void> {
    const { partitionCount } = this.options;
    await this.consumer.connect();
    await this.subscribe();
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionCount,
      eachBatch: async (payload) => this.take(payload),
    });
  }

  private async subscribe(): Promise<void> {
    const deadlineMs = Date.now() + TOPIC_KNOWN_WITHIN_MS;
    for (;;) {
      try {
        return await this.consumer.subscribe({ topics: [this.options.topicName], fromBeginning: true });
      } catch (error) {
        const unknown = chainOf(error).some((each) => each.includes(UNKNOWN_TOPIC));
        if (!unknown || this.isStopping || Date.now() > deadlineMs) throw error;
        await setTimeout(TOPIC_RETRY_MS);
      }
    }
  }

  owns(partition: number): boolean {
    return this.partitions.has(partition) && this.sessionIsAlive();
  }

  health(nowMs: number): PartitionHealth[] {
    return [...this.partitions.values()].map((partition) => partition.health(nowMs));
  }

  /** Notes where partitions end and what is committed, as asked of the broker. */
  noteOffsets(offsets: readonly { partition: number; end: bigint; committed: bigint }[]): void {
    for (const { partition, end, committed } of offsets) this.partitions.get(partition)?.noteEnd(end, committed);
  }

  /** Lets running handlers finish, commits, and leaves the group. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const hurry of this.commits) hurry();
    const all = [...this.partitions.values(), ...this.leaving];
    for (const partition of all) partition.close();
    await Promise.all(all.map((partition) => partition.finished()));
    this.partitions.clear();
    const disconnected = this.consumer.disconnect().then(
      () => true as const,
      () => true as const,
    );
    // Without brokers there is nobody to take leave of: they notice by the session's end.
    if (!(await withinGrace(disconnected))) {
      this.options.lifeline.cut();
      // Everything is handled and committed: a consumer that does not notice its end holds up no process that has nothing left to do.
      await withinGrace(disconnected);
    }
  }

  /**
   * Asked by kafkajs before it joins, that is at the start and in each rebalance. Gives up all partitions, and is ready when no
   * handler runs any more, or when the group would not wait for longer.
   */
  private readyToJoin(): boolean {
    for (const [number, partition] of this.partitions) {
      partition.close();
      const { firstUnhandledOffset } = partition;
      if (firstUnhandledOffset !== undefined) this.stoppedAt.set(number, firstUnhandledOffset);
      if (!partition.isIdle) this.leaving.add(partition);
    }
    this.partitions.clear();
    for (const partition of this.leaving) {
      if (partition.isIdle) this.leaving.delete(partition);
    }
    if (this.leaving.size === 0) {
      this.drainingSinceMs = undefined;
      return true;
    }
    this.drainingSinceMs ??= Date.now();
    if (Date.now() - this.drainingSinceMs < DRAIN_TIMEOUT_MS) {
      // Nothing is fetched meanwhile, which is what heartbeats come with otherwise.
      this.heartbeat();
      return false;
    }
    this.abandon();
    return true;
  }

  /** Handlers that still run see that they are stale, and commit nothing. */
  private abandon(): void {
    for (const partition of [...this.partitions.values(), ...this.leaving]) partition.lose();
    this.partitions.clear();
    this.leaving.clear();
    this.drainingSinceMs = undefined;
  }

  private assign(memberId: string, assigned: readonly number[]): void {
    const { topicName, processId, maxFetchedBytes, sessionTimeoutMs: _, ...options } = this.options;
    this.lastHeartbeatAtMs = Date.now();
    this.lastFetchAtMs = Date.now();
    this.fault = undefined;
    if (this.isStopping) return;
    this.assignments += 1;
    // kafkajs joins only when `readyToJoin` has given everything up. Whatever is here still is another's from now on.
    this.abandon();
    const ownership = `${processId}:${memberId}:${this.assignments}`;
    for (const number of assigned) {
      const fetching = [{ topic: topicName, partitions: [number] }];
      const partition: KafkaPartition = new KafkaPartition({
        ...options,
        partition: number,
        ownership,
        maxAheadBytes: Math.max(FETCH_PARTITION_BYTES, Math.floor(maxFetchedBytes / assigned.length)),
        commit: (nextOffset) => this.commit(partition, nextOffset),
        heartbeat: () => this.heartbeat(),
        sessionIsAlive: () => this.sessionIsAlive(),
        pauseFetching: () => this.whileRunning(() => this.consumer.pause(fetching)),
        resumeFetching: () => this.whileRunning(() => this.consumer.resume(fetching)),
      });
      partition.expectFrom(this.stoppedAt.get(number));
      this.partitions.set(number, partition);
    }
    // A pause outlives the assignment that it was made in.
    const paused = this.consumer.paused();
    if (paused.length > 0) this.consumer.resume(paused);
    this.stoppedAt.clear();
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    this.payload = payload;
    const { batch } = payload;
    const partition = this.partitions.get(batch.partition);
    const last = batch.messages.at(-1);
    if (!partition || !last) return;
    // Not in kafkajs's types: the offset that the fetch had asked for.
    const { fetchedOffset } = batch as typeof batch & { fetchedOffset: string };
    const nextFetchOffset = String(BigInt(batch.lastOffset()) + 1n);
    if (partition.take(fetchedOffset, nextFetchOffset, batch.highWatermark, batch.messages))
      payload.resolveOffset(last.offset);
  }

  /** False when this process may not commit any more, or when it is stopping and the brokers do not take it in time. */
  private async commit(partition: KafkaPartition, nextOffset: bigint): Promise<boolean> {
    const { promise: outOfTime, resolve: giveUp } = deferred<false>();
    let timer: NodeJS.Timeout | undefined;
    const hurry = () => {
      timer ??= startTimer(() => giveUp(false), STOP_GRACE_MS);
    };
    this.commits.add(hurry);
    if (this.isStopping) hurry();
    try {
      return await Promise.race([this.commitOnceTaken(partition, nextOffset), outOfTime]);
    } finally {
      clearTimeout(timer);
      this.commits.delete(hurry);
    }
  }

  private async commitOnceTaken(partition: KafkaPartition, nextOffset: bigint): Promise<boolean> {
    const { topicName } = this.options;
    const offsets = {
      topics: [{ topic: topicName, partitions: [{ partition: partition.partition, offset: String(nextOffset) }] }],
    };
    const isOwned = () => this.partitions.get(partition.partition) === partition;
    let refusedSinceMs: number | undefined;
    while (isOwned() || this.leaving.has(partition)) {
      try {
        // Waits as long as an outage lasts, if it has to ask where the group is kept.
        await this.payload!.commitOffsetsIfNecessary(offsets);
        return true;
      } catch (error) {
        if ((error as { retriable?: boolean }).retriable === false) {
          // Mostly the group has gone on without us: whoever is next handles the batch again. kafkajs may not know it yet, while a fetch
          // waits for its answer; it joins anew after that.
          if (!isOwned() || (isExpelled(error) && !this.sessionIsAlive())) return false;
          refusedSinceMs ??= Date.now();
          // Whoever may heartbeat and not commit would come to a standstill that nobody sees.
          const { topicName, sessionTimeoutMs } = this.options;
          if (Date.now() - refusedSinceMs >= sessionTimeoutMs) {
            if (!this.isStopping) this.die(`the brokers have refused all commits to ${topicName}`, error);
            return false;
          }
          this.heartbeat();
        }
      }
      await setTimeout(COMMIT_RETRY_MS);
    }
    return false;
  }

  /** kafkajs throws when it is just beginning anew; then nothing is paused, and nothing of this assignment is fetched. */
  private whileRunning(action: () => void): void {
    try {
      action();
    } catch (error) {
      if ((error as Error).name !== 'KafkaJSNonRetriableError') throw error;
    }
  }

  private heartbeat(): void {
    // kafkajs leaves it out when the last one was a moment ago. Its failure is seen by the next fetch, which knows what to do.
    this.payload?.heartbeat().catch(() => undefined);
  }

  /** False when so much time has passed since the broker heard of us that it may have given our partitions to others. */
  private sessionIsAlive(): boolean {
    return Date.now() - this.lastHeartbeatAtMs < this.options.sessionTimeoutMs;
  }

  private newConsumer(): Consumer {
    const { kafka, lifeline, groupId, topicName, processId, protocol, sessionTimeoutMs } = this.options;
    const consumer = kafka.consumer({
      groupId,
      // kafkajs would begin anew although it has been told to stop, when what it was at fails for that very reason.
      retry: { ...lifeline.retry, restartOnFailure: async () => !this.isStopping },
      partitionAssigners: [partitionAssigner({ processId, protocol, readyToJoin: () => this.readyToJoin() })],
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.max(100, Math.floor(sessionTimeoutMs / 6)),
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      maxBytesPerPartition: FETCH_PARTITION_BYTES,
      maxBytes: FETCH_BYTES,
      allowAutoTopicCreation: false,
    });
    const { GROUP_JOIN, HEARTBEAT, FETCH, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => this.assign(payload.memberId, payload.memberAssignment[topicName] ?? []));
    consumer.on(HEARTBEAT, () => {
      this.lastHeartbeatAtMs = Date.now();
    });
    consumer.on(FETCH, () => {
      this.lastFetchAtMs = Date.now();
    });
    consumer.on(CRASH, ({ payload }) => this.crashed(payload.error, payload.restart));
    return consumer;
  }

  private crashed(error: Error, willRestart: boolean): void {
    this.abandon();
    if (this.isStopping || willRestart) return;
    if (isOutage(error)) void this.startAnew();
    else this.die(`the consumer of ${this.options.topicName} has died`, error);
  }

  /** kafkajs is done with a consumer that it has given up, so another one joins the group in its place. */
  private async startAnew(): Promise<void> {
    await setTimeout(START_ANEW_MS);
    if (this.isStopping) return;
    this.consumer = this.newConsumer();
    try {
      await this.run();
    } catch (error) {
      if (this.isStopping) return;
      if (isOutage(error)) await this.startAnew();
      else this.die(`the consumer of ${this.options.topicName} cannot be started again`, error);
    }
  }

  private die(what: string, error: unknown): void {
    this.fault = `${what}: ${chainOf(error).join(' <- ')}`;
    this.options.onDead(new StreamSetupError(this.fault, { cause: error }));
  }
}

/** Failures that kafkajs takes for final although they are those of brokers that are away or slow: they pass when the outage does. */
const OUTAGES = ['KafkaJSGroupCoordinatorNotFound', 'KafkaJSLockTimeout', 'KafkaJSTimeout'];

function isOutage(error: unknown): boolean {
  for (let at = error as Partial<Error> | undefined, depth = 0; at !== undefined && depth < 8; depth += 1) {
    if (OUTAGES.includes(at.name ?? '')) return true;
    at = at.cause as Partial<Error> | undefined;
  }
  return false;
}

/** What brokers call that somebody is no member of the group, or not of its present generation. */
const EXPULSIONS = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS'];

function isExpelled(error: unknown): boolean {
  return EXPULSIONS.includes((error as { type?: string }).type ?? '');
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Whether it came in time. */
async function withinGrace(done: Promise<true>): Promise<boolean> {
  const timer = new AbortController();
  const outOfTime = setTimeout(STOP_GRACE_MS, false as const, { signal: timer.signal }).catch(() => false as const);
  try {
    return await Promise.race([done, outOfTime]);
  } finally {
    timer.abort();
  }
}
