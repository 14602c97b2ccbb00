import { setTimeout as delay } from 'node:timers/promises';
import type { EventSender } from './event-sender.js';
import type { Batch } from './oracle.js';
import { SeededRandom } from './seeded-random.js';

const CLIENTS = 3;
/** Pause of a client that was refused, got no answer or has nothing to send. */
const PAUSE_MS = 30;

/** Clients that send what they are given, side by side, as fast as they are answered. */
export class Load {
  private running = true;
  private readonly clients: Promise<void>[];

  /**
   * @param take what to send next; undefined when there is nothing at the moment
   * @param poisonRequests share of requests that must be refused as a whole
   */
  constructor(
    private readonly sender: EventSender,
    private readonly take: () => Batch | undefined,
    seed: readonly number[],
    private readonly poisonRequests = 0.03,
  ) {
    this.clients = Array.from({ length: CLIENTS }, (_, client) => this.client(new SeededRandom(...seed, client)));
  }

  /** Resolves when every client has had the answer to its last request, or knows that there is none. */
  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.clients);
  }

  private async client(random: SeededRandom): Promise<void> {
    while (this.running) {
      if (random.chance(this.poisonRequests)) await this.sender.sendPoison(random);
      const batch = this.take();
      if (batch === undefined) await delay(PAUSE_MS);
      else if ((await this.sender.send(batch, random)) !== 'acknowledged') await delay(PAUSE_MS);
    }
  }
}

/** Sends everything that is left, until all of it is acknowledged. */
export async function settleAll(
  sender: EventSender,
  takeRest: () => Batch | undefined,
  seed: readonly number[],
): Promise<void> {
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const random = new SeededRandom(...seed, client);
      for (let batch = takeRest(); batch !== undefined; batch = takeRest()) {
        if ((await sender.send(batch, random, 0)) !== 'acknowledged') await delay(PAUSE_MS);
      }
    }),
  );
}
