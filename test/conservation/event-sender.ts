import type { Batch } from './oracle.js';
import type { SeededRandom } from './seeded-random.js';

/** What sending came to. `refused`: surely not stored and to be sent again; `unknown`: perhaps stored. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** A way into the service. It tells the oracle what it sends and what came of it. */
export interface EventSender {
  /**
   * Sends a batch, sometimes with events among it that must be refused.
   * @param random of the client, so that clients do not share one sequence
   * @param poison share of requests that carry some
   */
  send(batch: Batch, random: SeededRandom, poison?: number): Promise<Outcome>;
  /** Sends something of which nothing may be stored. */
  sendPoison(random: SeededRandom): Promise<void>;
}

/** A way that takes one of several, each with its weight. */
export class MixedSender implements EventSender {
  constructor(private readonly ways: readonly (readonly [sender: EventSender, weight: number])[]) {}

  async send(batch: Batch, random: SeededRandom, poison?: number): Promise<Outcome> {
    return this.pick(random).send(batch, random, poison);
  }

  async sendPoison(random: SeededRandom): Promise<void> {
    await this.pick(random).sendPoison(random);
  }

  private pick(random: SeededRandom): EventSender {
    let left = random.next() * this.ways.reduce((sum, [, weight]) => sum + weight, 0);
    return (this.ways.find(([, weight]) => (left -= weight) < 0) ?? this.ways[0]!)[0];
  }
}
