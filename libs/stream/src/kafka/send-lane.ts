import type { Message, RecordMetadata } from 'kafkajs';
import { StreamUnavailableError } from '../stream-error.js';

/** A message on its way, with the publish call that waits for it. */
export interface OutgoingMessage {
  readonly partition: number;
  readonly message: Message;
  readonly sizeBytes: number;
  readonly publication: PendingPublication;
}

/** One call of publish, until all of its messages are acknowledged or one of them cannot be. */
export interface PendingPublication {
  /** True when nobody waits any more. */
  readonly isSettled: boolean;
  acknowledged(): void;
  reject(error: Error): void;
}

export interface SendLaneOptions {
  /** Largest sum of message sizes that goes to one partition in one request, before compression. */
  readonly maxPartitionBytes: number;
  /** Messages that may stand in one request. */
  readonly maxRequestMessages: number;
  readonly send: (messages: readonly Message[]) => Promise<RecordMetadata[]>;
  /** What publishers are told when sending has failed for good. */
  readonly failure: (error: unknown) => Error;
  /** Told that messages have left the queue, acknowledged or not. */
  readonly released: (sizeBytes: number) => void;
}

/**
 * The queue of one topic. One request is under way at a time, and what is published meanwhile makes the next one: kafkajs has
 * no linger of its own, and single sends are ten times as dear. One at a time also keeps the order.
 */
export class SendLane {
  private waiting: OutgoingMessage[] = [];
  private inFlight: readonly OutgoingMessage[] = [];
  private sentAtMs = 0;
  private loop: Promise<void> | undefined;

  constructor(private readonly options: SendLaneOptions) {}

  enqueue(messages: readonly OutgoingMessage[]): void {
    for (const message of messages) this.waiting.push(message);
    // No catch: `run` rejects for nothing that an outage or a broker's refusal can do.
    this.loop ??= this.run().finally(() => {
      this.loop = undefined;
    });
  }

  /** Since when the request that is under way has been; undefined when there is none. */
  get inFlightSinceMs(): number | undefined {
    return this.loop && this.inFlight.length > 0 ? this.sentAtMs : undefined;
  }

  /** Drops what waits for publish calls that have been settled: nobody believes it to be accepted. */
  dropSettled(): void {
    this.waiting = this.waiting.filter((message) => {
      if (message.publication.isSettled) this.options.released(message.sizeBytes);
      return !message.publication.isSettled;
    });
  }

  /** Rejects everything that has not been acknowledged. */
  rejectAll(error: Error): void {
    for (const { publication } of [...this.inFlight, ...this.waiting]) publication.reject(error);
    this.dropSettled();
  }

  /** Resolves when nothing waits. */
  async emptied(): Promise<void> {
    await this.loop;
  }

  private async run(): Promise<void> {
    // A turn later, so that what is published in this one makes one request.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const request = this.cut();
      this.inFlight = request;
      this.sentAtMs = Date.now();
      await this.send(request);
      this.inFlight = [];
      for (const { sizeBytes } of request) this.options.released(sizeBytes);
    }
  }

  /** The messages of the next request, in order: from the front, until one partition has as much as one record batch may hold. */
  private cut(): OutgoingMessage[] {
    const { maxPartitionBytes, maxRequestMessages } = this.options;
    const bytesOfPartition = new Map<number, number>();
    let count = 0;
    for (; count < this.waiting.length && count < maxRequestMessages; count++) {
      const { partition, sizeBytes } = this.waiting[count]!;
      const before = bytesOfPartition.get(partition) ?? 0;
      if (before > 0 && before + sizeBytes > maxPartitionBytes) break;
      bytesOfPartition.set(partition, before + sizeBytes);
    }
    return this.waiting.splice(0, count);
  }

  /** Sends, in smaller pieces where the broker asks for them, and tells the publishers. Never rejects. */
  private async send(messages: readonly OutgoingMessage[]): Promise<void> {
    let answers: RecordMetadata[];
    try {
      answers = await this.options.send(messages.map(({ message }) => message));
    } catch (error) {
      const pieces = isTooLarge(error) ? smallerPieces(messages) : undefined;
      if (pieces) {
        for (const piece of pieces) await this.send(piece);
        return;
      }
      const reason = isTooLarge(error) ? tooLargeError(messages[0]!) : this.options.failure(error);
      for (const { publication } of messages) publication.reject(reason);
      return;
    }
    // A message to a partition that does not exist is left out of the request without an error.
    const taken = new Set(answers.filter(({ errorCode }) => errorCode === 0).map(({ partition }) => partition));
    for (const { partition, publication } of messages) {
      if (taken.has(partition)) publication.acknowledged();
      else publication.reject(missingPartitionError(partition));
    }
  }
}

/**
 * Pieces to send one after another when the broker has refused a record batch as too large: first by partition, since the
 * error does not say which one it was, then halves. Undefined for a single message. What was taken the first time is sent again
 * unchanged, which the broker recognises by its sequence numbers.
 */
function smallerPieces(messages: readonly OutgoingMessage[]): OutgoingMessage[][] | undefined {
  const byPartition = new Map<number, OutgoingMessage[]>();
  for (const message of messages) {
    const piece = byPartition.get(message.partition);
    if (piece) piece.push(message);
    else byPartition.set(message.partition, [message]);
  }
  if (byPartition.size > 1) return [...byPartition.values()];
  if (messages.length === 1) return undefined;
  const half = Math.ceil(messages.length / 2);
  return [messages.slice(0, half), messages.slice(half)];
}

function isTooLarge(error: unknown): boolean {
  const reasons = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
  for (let current = error as { type?: unknown; cause?: unknown } | undefined; current;) {
    if (typeof current.type === 'string' && reasons.has(current.type)) return true;
    current = current.cause as typeof current | undefined;
  }
  return false;
}

function tooLargeError({ sizeBytes }: OutgoingMessage): RangeError {
  return new RangeError(
    `a record of ${sizeBytes} bytes is larger than the topic takes: send a smaller one, or raise max.message.bytes of the topic`,
  );
}

function missingPartitionError(partition: number): StreamUnavailableError {
  return new StreamUnavailableError(
    `the Kafka broker acknowledged nothing for partition ${partition}: the topic has been made anew with fewer partitions, or has lost its leader`,
  );
}
