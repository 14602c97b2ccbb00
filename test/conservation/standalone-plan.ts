import type { FailpointDeck } from './failpoint-deck.js';
import type { SeededRandom } from './seeded-random.js';

/**
 * Points of the service at which it is ended, by what they lie between. Names are those that it tells to listeners of the
 * diagnostics channel `plumbline:failpoint`.
 */
export const standaloneFailpoints: readonly (readonly [point: string, meaning: string])[] = [
  ['before insert prediction', 'before the insert'],
  ['after insert dirty_hour', 'between mark and insert'],
  ['after insert feature_schema', 'between learned features and insert'],
  ['after insert prediction', 'between raw rows and cells'],
  ['after insert feature_cell', 'between feature cells and traffic cells'],
  ['after insert traffic_cell', 'between insert and commit'],
  ['before insert label', 'before the insert'],
  ['after insert label', 'between insert and commit'],
  ['after publish plumbline.predictions', 'after commit, before the answer'],
  ['after publish plumbline.labels', 'after commit, before the answer'],
  ['after delete traffic cells', 'in the middle of a rebuild'],
  ['after delete feature cells', 'in the middle of a rebuild'],
  ['after roll up feature cells', 'in the middle of a reconcile'],
  ['after rebuild performance cells', 'in the middle of a reconcile'],
  ['after insert measurement', 'between measurement and decision'],
  ['after insert transition', 'between transition and state'],
  ['after insert alert_state', 'between state and mark'],
  ['before insert delivery', 'between send and record'],
  ['after insert delivery', 'after record'],
  ['after insert retraining_run', 'between request and call'],
  ['before insert retraining_event', 'between what was done about a run and its record'],
];

/** What one life of the process suffers, and how it ends. */
export interface Life {
  readonly end:
    | { readonly kind: 'kill'; readonly afterMs: number }
    | { readonly kind: 'failpoint'; readonly point: string; readonly times: number }
    | { readonly kind: 'terminate'; readonly afterMs: number };
  /** Frozen (SIGSTOP) after so long, for so long. */
  readonly freeze: { readonly afterMs: number; readonly forMs: number } | undefined;
  readonly diskFull: { readonly afterMs: number; readonly forMs: number } | undefined;
  /** The wall clock jumps by so many seconds after so long. */
  readonly clock: { readonly startSeconds: number; readonly afterMs: number; readonly jumpSeconds: number } | undefined;
}

/**
 * A life that waits for its failpoint ends by a plain kill when the point was not passed by then: after so many requests that
 * were answered and so many ticks of the evaluator, in any case after so long.
 */
export const patience = { requests: 15, ticks: 2, atMostMs: 10_000 };

/**
 * Now and then one is long enough for the engine to delete the parts that merges have replaced, which it begins half a minute after its
 * start: else they pile up over hundreds of short lives, and each start reads all of them.
 */
const LONG_EVERY = 50;
const LONG_MS = 45_000;

/** Returns the lives of a run, one after the other for ever; every second one ends at the failpoint whose turn it is. */
export function* planLives(random: SeededRandom, deck: FailpointDeck): Generator<Life, never> {
  for (let life = 0; ; life++) {
    yield {
      end: endOf(life),
      freeze: random.chance(0.15) ? { afterMs: random.integer(0, 800), forMs: random.integer(100, 1_500) } : undefined,
      diskFull: life % 7 === 3 ? { afterMs: random.integer(0, 500), forMs: random.integer(300, 1_200) } : undefined,
      clock:
        // Rarer: threads of the engine make up for the time that a clock skips, which takes a core for as long as the life lasts.
        life % 21 === 5
          ? {
              startSeconds: random.pick([0, 5_400]),
              afterMs: random.integer(100, 800),
              jumpSeconds: random.pick([-5_400, -600, 600, 5_400]),
            }
          : undefined,
    };
  }

  function endOf(life: number): Life['end'] {
    if (life % LONG_EVERY === LONG_EVERY - 1) return { kind: 'kill', afterMs: LONG_MS };
    if (life % 2 === 0) {
      return { kind: 'failpoint', point: deck.next(), times: random.pick([1, 1, 2, 3]) };
    }
    const afterMs = Math.floor(2_200 * random.next() ** 2) + 50;
    return random.chance(0.1) ? { kind: 'terminate', afterMs } : { kind: 'kill', afterMs };
  }
}
