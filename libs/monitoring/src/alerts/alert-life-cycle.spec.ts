import {
  type AlertState,
  isNotifiable,
  type Measurement,
  type Severity,
  type Transition,
  withoutLabels,
} from '@plumbline/contracts';
import type { AlertPolicy } from './alert-policy.js';
import { fold, type FoldResult, type FoldStep } from './fold.js';
import { type HandEnding, type StandingState, unawareSince } from './hand-ending.js';

/**
 * The state machine against a second one that was written from the design notes alone and works otherwise: it keeps no state, but reads the
 * whole history of a series for each question, forward for episodes and backward from a window. Random histories of windows, with
 * late data, windows evaluated after later ones, decisions made twice, restarts between any two decisions, alerts ended by hand, and
 * decisions by a process that has not heard of that yet.
 *
 * A step is a window that is decided, or something else that happens to the series. Each run has another seed, which it prints;
 * ALERT_SEED repeats one, ALERT_STEPS makes it longer.
 */
const STEPS = Number(process.env['ALERT_STEPS'] ?? 1_000_000);
const SEED = Number(process.env['ALERT_SEED'] ?? Date.now() % 2 ** 31);
const MAX_WINDOWS = 36;
const WINDOW_MS = 10;

describe('the life cycle of alerts', () => {
  it(`agrees with a reference that recounts the history, over ${STEPS} steps with seed ${SEED}`, () => {
    console.log(`alert life cycle: ${STEPS} steps, ALERT_SEED=${SEED}`);
    const seen = new Map<string, number>();
    const faults: string[] = [];
    let steps = 0;
    for (let series = 0; steps < STEPS && faults.length === 0; series++) {
      const seed = (SEED + series * 0x9e3779b1) >>> 0;
      try {
        steps += new Simulation(seed, seen).run();
      } catch (error) {
        faults.push(`series ${series}: ${(error as Error).message}\n${tracedAgain(seed)}`);
      }
    }
    expect(faults).toEqual([]);
    expect(steps).toBeGreaterThanOrEqual(STEPS);
    // Whatever the seed, everything that can happen has happened, the rarest five times as often as this.
    const rare = [...EVENTS].filter((event) => (seen.get(event) ?? 0) < STEPS / 20_000);
    expect(rare).toEqual([]);
  }, 600_000);
});

/** What a run must have come by. */
const EVENTS = [
  'inactive>pending',
  'pending>inactive',
  'inactive>firing',
  'pending>firing',
  'firing>recovering',
  'recovering>firing',
  'recovering>inactive',
  'firing>inactive',
  'firing>firing',
  'inactive>no_data',
  'inactive>error',
  'no_data>firing',
  'escalation',
  'escalation in retrospect',
  'raised in retrospect',
  'resolved in retrospect',
  'resolved by hand',
  'another alert after one resolved by hand',
  'decided without knowing of an ending',
  'decided twice',
] as const;

function tracedAgain(seed: number): string {
  const trace: string[] = [];
  try {
    new Simulation(seed, new Map(), trace).run();
  } catch {
    // It was to fail again; the trace says how it came to it.
  }
  return trace.join('\n');
}

interface DecidedWindow {
  readonly index: number;
  measurement: Measurement;
  /** The state as it is kept, in JSON: every decision starts from what a new process would read. */
  recorded: string | undefined;
}

/** What those who are told take an episode for; the key is the window in which it fired. */
interface Told {
  open: boolean;
  severity: Severity;
}

/** How a series stands after a window. */
interface Standing {
  readonly status: AlertState['status'];
  readonly severity: Severity;
  /** The window in which the open episode fired; -1 when none is open. */
  readonly firedAt: number;
}

const QUIET: Standing = { status: 'inactive', severity: 'ok', firedAt: -1 };

/** One series from its first window to its last, under one policy. */
class Simulation {
  private readonly random: () => number;
  private readonly policy: AlertPolicy;
  private readonly atMost: boolean;
  private readonly onlyCritical: boolean;
  private readonly windows: DecidedWindow[] = [];
  private readonly endings: HandEnding[] = [];
  private readonly told = new Map<number, Told>();
  private readonly firedAtOf = new Map<string, number>();
  private readonly contentOf = new Map<string, string>();
  private nextIndex = 100;
  private skipped: number | undefined;
  private nowMs = 1_000_000;
  private steps = 0;

  constructor(
    seed: number,
    private readonly seen: Map<string, number>,
    private readonly trace?: string[],
  ) {
    this.random = randomOf(seed);
    this.policy = {
      for: 1 + this.below(4),
      keep_firing_for: this.below(4),
      exit_ratio: this.pick([0.8, 1, 0.5]),
      no_data: this.pick(['keep', 'alert', 'ok']),
      error: this.pick(['keep', 'alert', 'ok']),
    };
    this.atMost = this.random() < 0.3;
    this.onlyCritical = this.random() < 0.2;
    this.trace?.push(`${JSON.stringify(this.policy)} atMost ${this.atMost} onlyCritical ${this.onlyCritical}`);
  }

  /** Returns how many windows were decided and actions done. @throws Error when the two disagree */
  run(): number {
    const length = 8 + this.below(MAX_WINDOWS - 8);
    while (this.windows.length < length) this.step();
    return this.steps;
  }

  private step(): void {
    this.steps++;
    this.nowMs += 1 + this.below(50);
    const chance = this.random();
    if (chance < 0.08 && this.windows.length > 0) this.resolveByHand();
    else if (chance < 0.2 && this.windows.length > 0) this.changeLate();
    else if (chance < 0.24 && this.skipped !== undefined) this.evaluateSkipped();
    else this.evaluateNext(chance < 0.35 ? 1 + this.below(4) : 1);
  }

  private evaluateNext(count: number): void {
    if (this.skipped === undefined && this.random() < 0.05) this.skipped = this.nextIndex++;
    const from = this.windows.length;
    for (let i = 0; i < count; i++) this.windows.push(this.newWindow(this.nextIndex++));
    this.decide(from, this.endings);
  }

  private evaluateSkipped(): void {
    const index = this.skipped!;
    this.skipped = undefined;
    const at = this.windows.findIndex((window) => window.index > index);
    const from = at === -1 ? this.windows.length : at;
    this.windows.splice(from, 0, this.newWindow(index));
    this.decide(from, this.endings);
  }

  private changeLate(): void {
    const from = Math.max(0, this.windows.length - 1 - this.below(10));
    this.changeWindow(from);
    // Late data for several windows, and perhaps new ones, come in one evaluation.
    if (this.random() < 0.3) this.changeWindow(from + this.below(this.windows.length - from));
    if (this.random() < 0.3) this.windows.push(this.newWindow(this.nextIndex++));
    this.decide(from, this.endings);
  }

  private changeWindow(at: number): void {
    const window = this.windows[at]!;
    window.measurement = this.measure(window.index, window.measurement.revision + 1);
  }

  private resolveByHand(): void {
    const last = this.windows.at(-1)!;
    const { alertId } = stateOf(last);
    const told = alertId === '' ? undefined : this.told.get(this.firedAtOf.get(alertId)!);
    if (told?.open !== true) return;
    this.count('resolved by hand');
    this.trace?.push(`resolve ${alertId.slice(0, 4)} by hand after ${last.index}`);
    this.endings.push({ alertId, windowEndMs: endOf(last) });
    told.open = false;
    if (this.random() < 0.3) this.decideUnaware();
  }

  /** Another process decides at the same moment, and does not know of the last ending. */
  private decideUnaware(): void {
    this.count('decided without knowing of an ending');
    const late = this.random() < 0.5;
    const from = late ? Math.max(0, this.windows.length - 1 - this.below(4)) : this.windows.length;
    if (late) this.changeWindow(from);
    else this.windows.push(this.newWindow(this.nextIndex++));
    const known = this.endings.slice(0, -1);
    const start = this.startOf(from, known);
    const { states } = this.folded(start, known);
    this.trace?.push(`unaware from ${this.windows[start]!.index}: ${states.map(({ status }) => status).join()}`);
    this.keep(start, states);
    this.relearn();
  }

  /** What is told after such a decision is what its states say, but for the alert that was ended, in the window of its ending. */
  private relearn(): void {
    const ending = this.endings.at(-1)!;
    this.told.clear();
    for (const window of this.windows) {
      const { alertId, severity } = stateOf(window);
      const known =
        endOf(window) < ending.windowEndMs || alertId !== ending.alertId || endOf(window) > ending.windowEndMs;
      for (const each of this.told.values()) each.open = false;
      if (alertId !== '' && known) this.told.set(this.firedAtOf.get(alertId)!, { open: true, severity });
    }
    for (const ended of this.endings.slice(0, -1)) {
      const told = this.told.get(this.firedAtOf.get(ended.alertId)!);
      if (told !== undefined && ended.windowEndMs >= endOf(this.windows.at(-1)!)) told.open = false;
    }
  }

  /** Decides the windows from a position on, as an evaluation does, and compares all there is with the reference. */
  private decide(from: number, endings: readonly HandEnding[]): void {
    const start = this.startOf(from, endings);
    const decidedBefore = this.windows.findLastIndex(({ recorded }) => recorded !== undefined) + 1;
    const result = this.folded(start, endings);
    const standings = recount(this.windows, this.policy, endings, this.atMost);
    this.trace?.push(
      `decide from ${this.windows[start]!.index}: ${this.windows
        .slice(start)
        .map(({ measurement: { severity, effect, dataStartMs } }, i) => {
          const { status, alertId } = result.states[i]!;
          const wanted = standings[start + i]!;
          return `${severity} ${effect} data ${dataStartMs / WINDOW_MS} → ${status} ${alertId.slice(0, 4)} (${wanted.status} ${wanted.firedAt})`;
        })
        .join('; ')}\n   ${result.transitions.map(textOf).join('; ')}`,
    );
    if (this.random() < 0.15) this.decideAgain(start, endings, result);
    this.compareStates(start, result.states, standings);
    this.compareTransitions(start, decidedBefore, result.transitions, standings);
    this.keep(start, result.states);
    if (this.random() < 0.15) {
      const again = this.folded(start, endings);
      if (again.transitions.length > 0) throw new Error(`told twice: ${again.transitions.map(textOf).join()}`);
      this.sameStates(again.states, result.states);
    }
  }

  /** Where a process that knows the endings begins: before what another decided that did not. */
  private startOf(from: number, endings: readonly HandEnding[]): number {
    const before = this.windows[from - 1];
    const since = before && unawareSince({ windowEndMs: endOf(before), state: stateOf(before) }, endings);
    return since === undefined ? from : this.windows.findIndex((window) => endOf(window) >= since);
  }

  private folded(start: number, endings: readonly HandEnding[]): FoldResult {
    const last = this.windows[start - 1];
    const previous: StandingState | undefined = last && { windowEndMs: endOf(last), state: stateOf(last) };
    const steps = this.windows.slice(start).map((window): FoldStep => ({
      measurement: window.measurement,
      policy: this.policy,
      recorded: window.recorded === undefined ? undefined : stateOf(window),
    }));
    const cause = this.windows[start]!;
    const { revision } = cause.measurement;
    return fold(previous, steps, { windowEndMs: endOf(cause), revision, decidedAtMs: this.nowMs }, endings);
  }

  /** A crash before the states were kept, or a second process: the same rows come out of it at another time. */
  private decideAgain(start: number, endings: readonly HandEnding[], first: FoldResult): void {
    this.count('decided twice');
    this.nowMs += 7;
    const second = this.folded(start, endings);
    this.sameStates(second.states, first.states);
    const left = first.transitions.map(contentOf).join();
    const right = second.transitions.map(contentOf).join();
    if (left !== right) throw new Error(`decided twice gave ${left} and ${right}`);
  }

  private sameStates(left: readonly AlertState[], right: readonly AlertState[]): void {
    const [a, b] = [JSON.stringify(left), JSON.stringify(right)];
    if (a !== b) throw new Error(`decided twice gave ${a} and ${b}`);
  }

  private keep(start: number, states: readonly AlertState[]): void {
    for (const [i, state] of states.entries()) {
      const window = this.windows[start + i]!;
      window.recorded = JSON.stringify(state);
      if (state.alertId !== '') this.learnId(state.alertId, state.firingSinceMs / WINDOW_MS - 1);
      this.steps++;
    }
  }

  private learnId(alertId: string, firedAt: number): void {
    const known = this.firedAtOf.get(alertId);
    if (known === undefined) {
      if ([...this.firedAtOf.values()].includes(firedAt)) throw new Error(`window ${firedAt} fired under two ids`);
      this.firedAtOf.set(alertId, firedAt);
    } else if (known !== firedAt) throw new Error(`${alertId} is of windows ${known} and ${firedAt}`);
  }

  private compareStates(start: number, states: readonly AlertState[], standings: readonly Standing[]): void {
    for (const [i, state] of states.entries()) {
      const window = this.windows[start + i]!;
      const wanted = standings[start + i]!;
      if (state.alertId !== '') this.learnId(state.alertId, state.firingSinceMs / WINDOW_MS - 1);
      const firedAt = state.alertId === '' ? -1 : this.firedAtOf.get(state.alertId)!;
      if (state.status !== wanted.status || state.severity !== wanted.severity || firedAt !== wanted.firedAt)
        throw new Error(
          `after window ${window.index}: ${JSON.stringify(state)} (fired in ${firedAt}), wanted ${JSON.stringify(wanted)}`,
        );
    }
  }

  private compareTransitions(
    start: number,
    decidedBefore: number,
    transitions: readonly Transition[],
    standings: readonly Standing[],
  ): void {
    const wantedCorrections = this.correctionsWanted(start, decidedBefore, standings);
    const wantedChanges = changesWanted(this.windows, Math.max(start, decidedBefore), standings);
    const firstFresh = this.windows[decidedBefore]?.index ?? Infinity;
    const corrections: string[] = [];
    const changes: string[] = [];
    for (const transition of transitions) {
      const index = transition.windowEndMs / WINDOW_MS - 1;
      const { from, to, severity, alertId } = transition;
      const firedAt = alertId === '' ? -1 : this.firedAtOf.get(alertId)!;
      this.checkIdentity(transition);
      if (index >= firstFresh) {
        changes.push(`${index} ${from}>${to} ${to === 'firing' ? severity : ''} ${firedAt}`);
        this.count(`${from}>${to}`);
        if (to === 'firing' && from !== 'firing' && from !== 'recovering' && this.endings.length > 0)
          this.count('another alert after one resolved by hand');
      } else {
        if (from !== 'firing' || to !== 'firing') corrections.push(`${from}>${to} ${firedAt}`);
        this.checkCorrection(transition, firedAt, this.standingAt(index, standings));
      }
      this.tell(transition, firedAt, index >= firstFresh);
    }
    same('corrections', corrections.sort(), wantedCorrections.sort());
    same('changes', changes, wantedChanges);
    this.forgetWhatNeverWas(start, decidedBefore, standings);
    this.checkWhatIsTold(standings.at(-1)!);
  }

  /** Those who are told end with what is known: each change is news to them, and the last word is right. */
  private tell(transition: Transition, firedAt: number, fresh: boolean): void {
    const { from, to, severity, severityBefore } = transition;
    const told = this.told.get(firedAt);
    const wasOpen = from === 'firing' || from === 'recovering';
    let notifiable = false;
    if (to === 'firing' && !wasOpen) {
      if (told?.open === true) throw new Error(`${textOf(transition)}: told already`);
      if (!fresh) this.count('raised in retrospect');
      this.told.set(firedAt, { open: true, severity });
      notifiable = true;
    } else if (to === 'firing') {
      if (told?.open !== true) throw new Error(`${textOf(transition)}: nobody knows of it`);
      if (severityBefore !== told.severity) throw new Error(`${textOf(transition)}: it was told as ${told.severity}`);
      notifiable = severity === 'critical' && told.severity !== 'critical';
      if (notifiable) this.count(fresh ? 'escalation' : 'escalation in retrospect');
      if (from === 'firing' && severity === severityBefore) throw new Error(`${textOf(transition)}: no news`);
      told.severity = severity;
    } else if (to === 'inactive' && wasOpen) {
      if (told?.open !== true) throw new Error(`${textOf(transition)}: nobody knows of it`);
      if (severityBefore !== told.severity) throw new Error(`${textOf(transition)}: it was told as ${told.severity}`);
      if (!fresh) this.count('resolved in retrospect');
      told.open = false;
      notifiable = true;
    }
    if (isNotifiable(transition) !== notifiable) throw new Error(`${textOf(transition)}: notifiable is ${!notifiable}`);
  }

  private checkWhatIsTold({ firedAt, severity }: Standing): void {
    for (const [key, { open, severity: toldSeverity }] of this.told) {
      if (open !== (key === firedAt)) throw new Error(`episode ${key} is told as ${open ? 'open' : 'over'}`);
      if (open && toldSeverity !== severity) throw new Error(`episode ${key} is ${severity}, told ${toldSeverity}`);
    }
    if (firedAt !== -1 && !this.told.has(firedAt)) throw new Error(`episode ${firedAt} was never told`);
  }

  /** Which episodes have to be raised and resolved in retrospect: those that are told otherwise than they now are. */
  private correctionsWanted(start: number, decidedBefore: number, standings: readonly Standing[]): string[] {
    const wanted: string[] = [];
    if (start >= decidedBefore) return wanted;
    const stand = new Set(standings.slice(start, decidedBefore).map(({ firedAt }) => firedAt));
    const openNow = standings[decidedBefore - 1]!.firedAt;
    for (const firedAt of stand) {
      if (firedAt === -1) continue;
      const told = this.told.get(firedAt);
      if (told === undefined || (!told.open && openNow === firedAt)) wanted.push(`inactive>firing ${firedAt}`);
      if (told === undefined && openNow !== firedAt) wanted.push(`firing>inactive ${firedAt}`);
    }
    for (const [firedAt, told] of this.told)
      if (told.open && openNow !== firedAt) wanted.push(`firing>inactive ${firedAt}`);
    return wanted;
  }

  private checkCorrection(transition: Transition, firedAt: number, standing: Standing): void {
    const { from, to, severity, reason } = transition;
    if (!reason.startsWith('In retrospect, ')) throw new Error(`${textOf(transition)}: ${reason}`);
    if (from !== 'firing' && from !== 'inactive') throw new Error(`${textOf(transition)}: no correction`);
    const right =
      to === 'firing' ? standing.firedAt === firedAt && standing.severity === severity : standing.firedAt !== firedAt;
    if (!right) throw new Error(`${textOf(transition)}, but the series stands at ${JSON.stringify(standing)}`);
  }

  private standingAt(index: number, standings: readonly Standing[]): Standing {
    return standings[this.windows.findIndex((window) => window.index === index)]!;
  }

  /** An episode that was told and is now known never to have been is news, should it come back. */
  private forgetWhatNeverWas(start: number, decidedBefore: number, standings: readonly Standing[]): void {
    if (start >= decidedBefore) return;
    const first = this.windows[start]!.index;
    const stand = new Set(standings.map(({ firedAt }) => firedAt));
    for (const firedAt of this.told.keys()) if (firedAt >= first && !stand.has(firedAt)) this.told.delete(firedAt);
  }

  /** An id stands for one change, whenever it is decided. */
  private checkIdentity(transition: Transition): void {
    const content = contentOf(transition);
    const known = this.contentOf.get(transition.transitionId);
    if (known !== undefined) throw new Error(`${content} has the id of ${known}`);
    this.contentOf.set(transition.transitionId, content);
  }

  private newWindow(index: number): DecidedWindow {
    return { index, measurement: this.measure(index, 0), recorded: undefined };
  }

  /** What is found in a window: often as bad as in the last, sometimes in data that reaches back. */
  private measure(index: number, revision: number): Measurement {
    const last = this.windows.at(-1)?.measurement.severity;
    const dataStart = this.random() < 0.2 ? index - 1 - this.below(3) : index;
    const enter = this.atMost ? 100 : 0.1;
    return {
      ...template,
      method: this.atMost ? 'volume' : 'psi.decile',
      windowStartMs: index * WINDOW_MS,
      windowEndMs: (index + 1) * WINDOW_MS,
      dataStartMs: dataStart * WINDOW_MS,
      revision,
      effect: this.pick(this.atMost ? FEW : MUCH),
      thresholdWarning: this.onlyCritical ? NaN : enter,
      thresholdCritical: this.onlyCritical ? enter : NaN,
      severity: last !== undefined && this.random() < 0.35 ? last : this.pick(SEVERITIES),
      evaluatedAtMs: this.nowMs,
    };
  }

  private count(event: string): void {
    this.seen.set(event, (this.seen.get(event) ?? 0) + 1);
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

const SEVERITIES: readonly Severity[] = [
  'ok',
  'ok',
  'ok',
  'warning',
  'warning',
  'critical',
  'critical',
  'no_data',
  'error',
  'insufficient_data',
];
/** Effects of healthy windows on both sides of the exit thresholds, where little is bad and where much is. */
const FEW = [101, 115, 124, 126, 199, 201];
const MUCH = [-1, 0, 0.04, 0.06, 0.079, 0.081, 0.099];

const template: Omit<Measurement, 'windowStartMs' | 'windowEndMs' | 'dataStartMs' | 'revision' | 'severity'> = {
  project: 'p',
  model: 'm',
  monitor: 'd',
  version: '1',
  segment: '',
  feature: 'f',
  method: 'psi.decile',
  value: 0,
  effect: 0,
  errorBound: 0,
  pValue: NaN,
  adjustedPValue: NaN,
  alpha: 0.01,
  nReference: 1,
  nCurrent: 1,
  nMissing: 0,
  thresholdWarning: NaN,
  thresholdCritical: NaN,
  lower: NaN,
  upper: NaN,
  ...withoutLabels,
  referenceId: '',
  decides: true,
  reason: 'Found.',
  evaluatedAtMs: 0,
};

function endOf({ index }: DecidedWindow): number {
  return (index + 1) * WINDOW_MS;
}

function stateOf({ recorded }: DecidedWindow): AlertState {
  return JSON.parse(recorded!) as AlertState;
}

function contentOf({ transitionId, alertId, windowEndMs, revision, from, to, severity }: Transition): string {
  return `${transitionId} ${alertId} ${windowEndMs} ${revision} ${from}>${to} ${severity}`;
}

function textOf({ alertId, windowEndMs, from, to, severity, severityBefore }: Transition): string {
  return `window ${windowEndMs / WINDOW_MS - 1}: ${alertId.slice(0, 4)} ${from}>${to}, ${severityBefore}>${severity}`;
}

function same(what: string, found: readonly string[], wanted: readonly string[]): void {
  if (found.length !== wanted.length || found.some((each, i) => each !== wanted[i]))
    throw new Error(`${what}: ${found.join('; ')}, wanted ${wanted.join('; ')}`);
}

/** Mulberry32: small, fast, and the same numbers from the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// ---- The reference: from the text of the design notes, nothing from the code above it is tested against.

type Kind = 'breach' | 'healthy' | 'between' | 'no_data' | 'error' | 'nothing';

/** What changes there are from a position on: of the status, or of the severity while it fires. */
function changesWanted(windows: readonly DecidedWindow[], from: number, standings: readonly Standing[]): string[] {
  const wanted: string[] = [];
  for (let at = from; at < windows.length; at++) {
    const before = standings[at - 1] ?? QUIET;
    const after = standings[at]!;
    const worse = after.status === 'firing' && before.severity !== after.severity;
    if (before.status === after.status && !worse) continue;
    const firedAt = after.firedAt === -1 ? before.firedAt : after.firedAt;
    wanted.push(
      `${windows[at]!.index} ${before.status}>${after.status} ${after.status === 'firing' ? after.severity : ''} ${firedAt}`,
    );
  }
  return wanted;
}

/** How the series stands after each window, recounted from its history. What was ended by hand begins anew after that window. */
function recount(
  windows: readonly DecidedWindow[],
  policy: AlertPolicy,
  endings: readonly HandEnding[],
  atMost: boolean,
): Standing[] {
  const kinds = windows.map(({ measurement }) => kindOf(measurement, policy, atMost ? 100 : 0.1, atMost));
  const ends = new Set(endings.map(({ windowEndMs }) => windowEndMs));
  const standings: Standing[] = [];
  let first = 0;
  for (let last = 0; last < windows.length; last++) {
    const ended = ends.has(endOf(windows[last]!));
    if (!ended && last < windows.length - 1) continue;
    recountPart(windows, kinds, policy, first, last, standings);
    if (ended) standings[last] = QUIET;
    first = last + 1;
  }
  return standings;
}

function recountPart(
  windows: readonly DecidedWindow[],
  kinds: readonly Kind[],
  policy: AlertPolicy,
  first: number,
  last: number,
  standings: Standing[],
): void {
  let from = first;
  while (from <= last) {
    const fired = firstFiring(windows, kinds, policy.for, from, last);
    for (let at = from; at < (fired ?? last + 1); at++)
      standings[at] = { ...QUIET, status: quietStatus(kinds, from, at) };
    if (fired === undefined) return;
    let at = fired;
    for (; at <= last && !isResolved(kinds, policy.keep_firing_for, fired, at); at++)
      standings[at] = {
        status: lastDecisive(kinds, fired, at) === 'healthy' ? 'recovering' : 'firing',
        severity: lastBreach(windows, kinds, fired, at),
        firedAt: windows[fired]!.index,
      };
    if (at <= last) standings[at] = QUIET;
    from = at + 1;
  }
}

/** "ok below the exit threshold": a share of the enter threshold, or, where little is bad, as much above it. */
function kindOf({ severity, effect }: Measurement, policy: AlertPolicy, enter: number, atMost: boolean): Kind {
  if (severity === 'insufficient_data') return 'nothing';
  if (severity === 'no_data' || severity === 'error') {
    const mapping = policy[severity];
    return mapping === 'keep' ? severity : mapping === 'ok' ? 'healthy' : 'breach';
  }
  if (severity !== 'ok') return 'breach';
  const share = atMost ? enter / effect : effect / enter;
  return share < policy.exit_ratio ? 'healthy' : 'between';
}

/** "N windows before firing, counted in non-overlapping windows": the first window that ends a row with that many. */
function firstFiring(
  windows: readonly DecidedWindow[],
  kinds: readonly Kind[],
  needed: number,
  from: number,
  last: number,
): number | undefined {
  for (let at = from; at <= last; at++)
    if (kinds[at] === 'breach' && disjoint(windows, rowUpTo(kinds, from, at)) >= needed) return at;
  return undefined;
}

/** Positions of the breaches in a row that end here, the latest first; what says nothing does not break a row. */
function rowUpTo(kinds: readonly Kind[], from: number, at: number): number[] {
  const row: number[] = [];
  for (let i = at; i >= from && kinds[i] !== 'healthy' && kinds[i] !== 'between'; i--)
    if (kinds[i] === 'breach') row.push(i);
  return row;
}

/** How many of the windows can be chosen so that no two share data: always the one that begins last of those that still fit. */
function disjoint(windows: readonly DecidedWindow[], row: readonly number[]): number {
  const spans = row
    .map((at) => ({ from: windows[at]!.measurement.dataStartMs, to: endOf(windows[at]!) }))
    .sort((left, right) => right.from - left.from);
  let chosen = 0;
  let before = Infinity;
  for (const { from, to } of spans) {
    if (to > before) continue;
    chosen++;
    before = from;
  }
  return chosen;
}

/** "keep_firing_for M windows before resolving": healthy for more than M windows in a row since it fired. */
function isResolved(kinds: readonly Kind[], keep: number, fired: number, at: number): boolean {
  if (kinds[at] !== 'healthy') return false;
  let healthy = 0;
  for (let i = at; i > fired && kinds[i] !== 'breach' && kinds[i] !== 'between'; i--)
    if (kinds[i] === 'healthy') healthy++;
  return healthy > keep;
}

function lastDecisive(kinds: readonly Kind[], from: number, at: number): Kind | undefined {
  for (let i = at; i >= from; i--) {
    const kind = kinds[i]!;
    if (kind === 'breach' || kind === 'healthy' || kind === 'between') return kind;
  }
  return undefined;
}

function lastBreach(windows: readonly DecidedWindow[], kinds: readonly Kind[], fired: number, at: number): Severity {
  let i = at;
  while (i > fired && kinds[i] !== 'breach') i--;
  return windows[i]!.measurement.severity;
}

/** Without an open alert: pending after a breach, else that nothing is known where that is the last that was said. */
function quietStatus(kinds: readonly Kind[], from: number, at: number): Standing['status'] {
  if (lastDecisive(kinds, from, at) === 'breach') return 'pending';
  for (let i = at; i >= from; i--) {
    const kind = kinds[i]!;
    if (kind === 'no_data' || kind === 'error') return kind;
    if (kind !== 'nothing') return 'inactive';
  }
  return 'inactive';
}
