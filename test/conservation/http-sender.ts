import { gzipSync } from 'node:zlib';
import type { EventSender, Outcome } from './event-sender.js';
import type { Batch, Oracle } from './oracle.js';
import { poisonEvent, poisonRequest } from './poison.js';
import type { Report } from './report.js';
import type { SeededRandom } from './seeded-random.js';
import { trafficModels, wireOfLabel, wireOfPrediction } from './traffic.js';

/** Longer than the service takes for anything that is not a failure. */
const REQUEST_MS = 60_000;

/** What the report counts of every request that was acknowledged. */
export const ANSWERED = 'requests acknowledged';

interface IntakeAnswer {
  readonly accepted: number;
  readonly rejected_count: number;
  readonly rejected: readonly { readonly index: number }[];
}

/** Sends batches over HTTP in every form that intake takes, tells the oracle what came of them, and checks each answer. */
export class HttpSender implements EventSender {
  /** @param url of an intake, asked anew for each request */
  constructor(
    private readonly oracle: Oracle,
    private readonly report: Report,
    private readonly url: (random: SeededRandom) => string,
  ) {}

  /**
   * Sends a batch, sometimes with events among it that must be refused.
   * @param random of the client, so that clients do not share one sequence
   * @param poison share of requests that carry some
   */
  async send(batch: Batch, random: SeededRandom, poison = 0.1): Promise<Outcome> {
    const texts = batch.events.map((event) => this.textOf(batch.kind, event));
    const poisoned = new Set<number>();
    if (batch.kind === 'prediction' && random.chance(poison)) {
      for (let count = random.integer(1, 4); count > 0; count--) {
        const at = random.integer(0, texts.length + 1);
        const moved = [...poisoned].map((index) => (index >= at ? index + 1 : index));
        poisoned.clear();
        for (const index of [...moved, at]) poisoned.add(index);
        texts.splice(at, 0, poisonEvent(random));
      }
    }
    this.oracle.sent(batch);
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(`${this.url(random)}/v1/${batch.kind}s`, {
        method: 'POST',
        ...requestOf(texts, random),
        ...limit(),
      });
      answer = await response.json();
    } catch {
      this.oracle.unknown(batch);
      this.report.count('requests without an answer');
      return 'unknown';
    }
    if (!response.ok) return this.notAccepted(batch, response, answer);
    this.check(batch, poisoned, answer as IntakeAnswer);
    this.oracle.acknowledged(batch);
    this.report.count('poison events refused', poisoned.size);
    this.report.count(ANSWERED);
    return 'acknowledged';
  }

  /** Sends a request that must be refused as a whole. */
  async sendPoison(random: SeededRandom): Promise<void> {
    const { what, headers, body } = poisonRequest(random);
    try {
      const response = await fetch(`${this.url(random)}/v1/predictions`, { method: 'POST', headers, body, ...limit() });
      const text = await response.text();
      this.report.count('poison requests refused');
      if (response.status < 400 || (response.status >= 500 && response.status !== 503)) {
        this.report.violation(`a request that is ${what} was answered ${response.status}: ${text.slice(0, 300)}`);
      }
    } catch {
      // The service may end while it reads.
    }
  }

  private notAccepted(batch: Batch, response: Response, answer: unknown): Outcome {
    this.oracle.unknown(batch);
    if (response.status === 429) {
      this.report.count('requests answered 429');
      return 'refused';
    }
    if (response.status === 503) {
      this.report.count('requests answered 503');
      return 'unknown';
    }
    const text = JSON.stringify(answer).slice(0, 600);
    this.report.violation(`a good ${batch.kind} request was answered ${response.status}: ${text}`);
    return 'unknown';
  }

  private check(batch: Batch, poisoned: ReadonlySet<number>, answer: IntakeAnswer): void {
    const refused = answer.rejected.map(({ index }) => index).sort((left, right) => left - right);
    const wanted = [...poisoned].sort((left, right) => left - right);
    const same = refused.length === wanted.length && refused.every((index, i) => index === wanted[i]);
    if (answer.accepted === batch.events.length && answer.rejected_count === wanted.length && same) return;
    this.report.violation(
      `of ${batch.events.length} good ${batch.kind}s and poison at [${wanted.join()}] ${answer.accepted} were accepted and [${refused.join()}] refused: ${JSON.stringify(answer.rejected.slice(0, 3))}`,
    );
  }

  private textOf(kind: Batch['kind'], event: Batch['events'][number]): string {
    const { name } = trafficModels[event.model]!;
    if (kind === 'prediction') return JSON.stringify(wireOfPrediction(name, this.oracle.factsOf(event)));
    const label = this.oracle.traffic.labels(event.model, event.index)[event.edition]!;
    return JSON.stringify(wireOfLabel(name, label));
  }
}

function limit(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(REQUEST_MS) };
}

/** One of the forms of a request: JSON array or NDJSON, plain or gzip. */
function requestOf(
  texts: readonly string[],
  random: SeededRandom,
): { headers: Record<string, string>; body: string | Uint8Array<ArrayBuffer> } {
  const lines = random.chance(0.4);
  const text = lines ? `${texts.join('\n')}\n` : `[${texts.join(',')}]`;
  const headers: Record<string, string> = { 'content-type': lines ? 'application/x-ndjson' : 'application/json' };
  if (!random.chance(0.3)) return { headers, body: text };
  return { headers: { ...headers, 'content-encoding': 'gzip' }, body: Uint8Array.from(gzipSync(text)) };
}
