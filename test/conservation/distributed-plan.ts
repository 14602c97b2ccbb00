import type { Fault } from '../support/fault-proxy.js';
import type { SeededRandom } from './seeded-random.js';
import type { AppName } from './service-process.js';

export type DistributedApp = Exclude<AppName, 'standalone'>;

/** How many processes of each app run side by side. */
export const processes: Readonly<Record<DistributedApp, number>> = { api: 2, ingester: 2, evaluator: 2, alerter: 2 };

/** Points at which a process of each app is ended, by what they lie between. */
export const failpoints: Readonly<Record<DistributedApp, readonly (readonly [point: string, meaning: string])[]>> = {
  api: [
    ['after send plumbline.predictions', 'acknowledged by the broker, before the answer'],
    ['after publish plumbline.predictions', 'acknowledged by the broker, before the answer'],
    ['after publish plumbline.labels', 'acknowledged by the broker, before the answer'],
  ],
  ingester: [
    ['before insert prediction', 'before the insert'],
    ['after insert dirty_hour', 'between mark and insert'],
    ['after insert prediction', 'between raw rows and cells'],
    ['after insert feature_cell', 'between feature cells and traffic cells'],
    ['after insert traffic_cell', 'between insert and commit'],
    ['after handle plumbline.predictions', 'between insert and commit'],
    ['after commit plumbline.predictions', 'after commit, before resolve'],
    ['after insert label', 'between insert and commit'],
    ['after commit plumbline.labels', 'after commit, before resolve'],
    ['after insert dead_letter', 'between dead letter and commit'],
    ['after delete traffic cells', 'in the middle of a rebuild'],
    ['after roll up feature cells', 'in the middle of a reconcile'],
    ['after rebuild performance cells', 'in the middle of a reconcile'],
  ],
  evaluator: [
    ['after insert measurement', 'between measurement and decision'],
    ['after insert transition', 'between transition and state'],
    ['after insert alert_state', 'between state and mark'],
    ['before insert evaluation', 'before the mark'],
  ],
  alerter: [
    ['before insert delivery', 'between send and record'],
    ['after insert delivery', 'after record'],
    ['after insert retraining_run', 'between request and call'],
    ['before insert retraining_event', 'between what was done about a run and its record'],
  ],
};

/** Something that happens to the system while events are sent. */
export type Harm =
  | { readonly kind: 'kill'; readonly app: DistributedApp; readonly which: number }
  | { readonly kind: 'terminate'; readonly app: DistributedApp; readonly which: number }
  /** Longer than the session: others take over, and it comes back not knowing. */
  | { readonly kind: 'freeze'; readonly app: DistributedApp; readonly which: number; readonly forMs: number }
  | { readonly kind: 'store'; readonly fault: Fault | { readonly kind: 'refuse' }; readonly forMs: number }
  | { readonly kind: 'store killed'; readonly forMs: number }
  | { readonly kind: 'broker killed'; readonly forMs: number }
  | { readonly kind: 'broker frozen'; readonly forMs: number }
  /** It runs for a quarter of the time. */
  | { readonly kind: 'broker slow'; readonly forMs: number };

/** How long the store may take to answer before its clients give up: short, so that a run sees it happen. */
export const STORE_TIMEOUT_S = 3;
export const SESSION_TIMEOUT_S = 6;

/** Returns what happens, one thing after the other for ever: two of three are kills, and every kind comes in every round. */
export function* planHarm(random: SeededRandom): Generator<Harm, never> {
  for (;;) {
    const round: Harm[] = [
      ...Array.from({ length: 22 }, (): Harm => ({ kind: 'kill', ...someone(random) })),
      { kind: 'terminate', ...someone(random) },
      { kind: 'terminate', ...someone(random) },
      { kind: 'freeze', ...someone(random), forMs: random.integer(200, 2_000) },
      { kind: 'freeze', app: 'ingester', which: random.integer(0, 2), forMs: (SESSION_TIMEOUT_S + 3) * 1_000 },
      { kind: 'store', fault: { kind: 'refuse' }, forMs: random.integer(500, 3_000) },
      { kind: 'store', fault: { kind: 'delay', ms: random.integer(50, 300) }, forMs: random.integer(1_000, 3_000) },
      // The store does what it was asked, and answers when nobody listens any more.
      { kind: 'store', fault: { kind: 'delay', ms: (STORE_TIMEOUT_S + 1) * 1_000 }, forMs: 6_000 },
      { kind: 'store', fault: { kind: 'drop-reply', matching: /INSERT/i, times: random.integer(1, 4) }, forMs: 2_000 },
      { kind: 'store', fault: { kind: 'answer', status: 503, body: 'busy' }, forMs: random.integer(300, 1_500) },
      { kind: 'store killed', forMs: random.integer(0, 2_000) },
      { kind: 'broker killed', forMs: random.pick([0, 15_000]) },
      { kind: 'broker frozen', forMs: random.integer(500, 3_000) },
      { kind: 'broker slow', forMs: random.integer(2_000, 5_000) },
    ];
    yield* random.shuffled(round);
  }
}

function someone(random: SeededRandom): { readonly app: DistributedApp; readonly which: number } {
  const app = random.pick<DistributedApp>(['api', 'ingester', 'ingester', 'evaluator', 'alerter']);
  return { app, which: random.integer(0, processes[app]) };
}
