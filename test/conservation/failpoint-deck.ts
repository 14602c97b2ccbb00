import type { SeededRandom } from './seeded-random.js';

/** Points in an order of chance, of which those that were never reached come round again before any other. */
export class FailpointDeck {
  private waiting: string[];
  private reached: string[] = [];

  constructor(points: readonly string[], random: SeededRandom) {
    this.waiting = random.shuffled(points);
  }

  next(): string {
    const point = this.waiting.shift()!;
    this.waiting.push(point);
    return point;
  }

  /** Notes that a process ended at the point. */
  hit(point: string): void {
    if (!this.waiting.includes(point)) return;
    this.waiting = this.waiting.filter((each) => each !== point);
    this.reached.push(point);
    if (this.waiting.length === 0) [this.waiting, this.reached] = [this.reached, []];
  }
}
