import { type Model, type Monitor, recordKey, type Series, type Transition } from '@plumbline/contracts';
import {
  closingReason,
  closingTransition,
  defaultMonitors,
  type EvaluatedFindings,
  initialAlertState,
  type OpenEpisode,
} from '@plumbline/monitoring';
import {
  type Chain,
  insertAlertStates,
  insertTransitions,
  listAlertStatesBefore,
  listOpenAlerts,
  type ModelKey,
  type OpenAlertRow,
  type RecordedAlertState,
  type Store,
} from '@plumbline/storage';
import { seriesKey } from './series-key.js';

/** The newest window of a monitor that was evaluated, with what was found in it. */
export interface EvaluatedChain extends EvaluatedFindings {
  readonly monitor: string;
  readonly everyMs: number;
}

interface Closing {
  readonly episode: OpenEpisode;
  readonly reason: string;
  readonly windowEndMs: number;
}

/**
 * Ends alerts on which no window will decide any more. Remembers the open alerts of each model, so that looking for such ones
 * costs no query while nothing changes.
 */
export class AlertCloser {
  private readonly open = new Map<string, readonly OpenEpisode[]>();

  constructor(private readonly store: Store) {}

  /** Forgets the open alerts of a model: something was decided on them, here or elsewhere. */
  forget({ project, model }: ModelKey): void {
    this.open.delete(recordKey(project, model));
  }

  /** Forgets the open alerts of all other models: another process decides on them. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.open.keys()) if (!keys.has(key)) this.open.delete(key);
  }

  /** Reads the open alerts of the models that are not remembered, in one query. @throws StorageError */
  async learn(models: readonly ModelKey[]): Promise<void> {
    const unknown = models.filter(({ project, model }) => !this.open.has(recordKey(project, model)));
    if (unknown.length === 0) return;
    const episodes = new Map<string, OpenEpisode[]>(
      unknown.map(({ project, model }) => [recordKey(project, model), []]),
    );
    for (const row of await listOpenAlerts(this.store, unknown.length === 1 ? unknown[0] : undefined))
      episodes.get(recordKey(row.project, row.model))?.push(episodeOf(row));
    for (const [key, ofModel] of episodes) this.open.set(key, ofModel);
  }

  /**
   * Ends the alerts of a model whose subject is gone, and returns the transitions that say so. Interrupted anywhere, a repetition
   * writes the same transitions.
   * @param declared monitors of the model, disabled ones included
   * @param evaluated windows evaluated since the last call
   * @throws StorageError
   */
  async close(
    model: Model,
    declared: readonly Monitor[],
    evaluated: readonly EvaluatedChain[],
    nowMs: number,
  ): Promise<Transition[]> {
    await this.learn([model]);
    if (this.closings(model, declared, evaluated, nowMs).length === 0) return [];
    // Another process may have decided since, and windows that changed nothing are in no transition.
    this.forget(model);
    await this.learn([model]);
    const states = await this.lastStates(this.closings(model, declared, evaluated, nowMs));
    this.refine(model, states);
    const closings = this.closings(model, declared, evaluated, nowMs);
    if (closings.length === 0) return [];
    const transitions = closings.map(({ episode, reason, windowEndMs }) =>
      closingTransition(episode, windowEndMs, reason, nowMs),
    );
    // States first: what makes an alert open is its last transition, so a crash in between repeats both.
    await this.writeStates(closings, states, nowMs);
    await insertTransitions(this.store, transitions, `closing:${transitions.map((each) => each.transitionId).join()}`);
    this.forget(model);
    return transitions;
  }

  private closings(
    model: Model,
    declared: readonly Monitor[],
    evaluated: readonly EvaluatedChain[],
    nowMs: number,
  ): Closing[] {
    const episodes = this.open.get(recordKey(model.project, model.model)) ?? [];
    if (episodes.length === 0) return [];
    const monitors = [
      ...new Map([...defaultMonitors(model), ...declared].map((each) => [each.monitor, each])).values(),
    ];
    return episodes.flatMap((episode): Closing[] => {
      const findings = evaluated.find(
        ({ monitor, everyMs }) => monitor === episode.monitor && everyMs === episode.windowMs,
      );
      const reason = closingReason(episode, model, monitors, findings, nowMs);
      const windowEndMs = Math.max(episode.lastWindowEndMs, findings?.windowEndMs ?? 0);
      return reason === undefined ? [] : [{ episode, reason, windowEndMs }];
    });
  }

  /** The last states of the series of all monitors concerned, by chain and series. */
  private async lastStates(closings: readonly Closing[]): Promise<Map<string, RecordedAlertState>> {
    const chains = new Map(closings.map(({ episode }) => [chainKey(episode), episode]));
    const states = new Map<string, RecordedAlertState>();
    for (const chain of chains.values())
      for (const state of await listAlertStatesBefore(this.store, chain)) states.set(stateKey(chain, state), state);
    return states;
  }

  /** Replaces what the last transition says of when an alert was decided on by what its last state says. */
  private refine({ project, model }: ModelKey, states: ReadonlyMap<string, RecordedAlertState>): void {
    const key = recordKey(project, model);
    const refined = (this.open.get(key) ?? []).map((episode): OpenEpisode => {
      const last = states.get(stateKey(episode, episode));
      if (last?.state.alertId !== episode.alertId) return episode;
      return { ...episode, lastWindowEndMs: last.windowEndMs, decidedAtMs: last.updatedAtMs };
    });
    this.open.set(key, refined);
  }

  /** The state machines of the series start afresh: what comes later is another alert. */
  private async writeStates(
    closings: readonly Closing[],
    states: ReadonlyMap<string, RecordedAlertState>,
    nowMs: number,
  ): Promise<void> {
    for (const { episode, windowEndMs } of closings) {
      const last = states.get(stateKey(episode, episode));
      // One that was ended by hand is known to the state machine: its next decision starts before that.
      if (last?.state.alertId !== episode.alertId || episode.endedByHand) continue;
      const { version, segment, feature, method } = episode;
      const state = { version, segment, feature, method, windowEndMs, state: initialAlertState };
      const updatedAtMs = Math.max(nowMs, last.updatedAtMs + 1);
      const identity = `closing:${episode.told.transitionId}:${updatedAtMs}`;
      await insertAlertStates(this.store, episode, [state], updatedAtMs, identity);
    }
  }
}

function episodeOf(row: OpenAlertRow): OpenEpisode {
  const { transitionId, status, severity, revision, threshold, decidedAtMs, windowEndMs, ...episode } = row;
  const told = { transitionId, status, severity, revision, threshold, decidedAtMs };
  return { ...episode, told, lastWindowEndMs: windowEndMs, decidedAtMs };
}

function chainKey({ monitor, windowMs }: Chain): string {
  return JSON.stringify([monitor, windowMs]);
}

function stateKey(chain: Chain, series: Series): string {
  return chainKey(chain) + seriesKey(series);
}
