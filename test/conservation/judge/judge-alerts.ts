import { type AlertState, isOpen, type Measurement, type Monitor } from '@plumbline/contracts';
import { fold, monitorsOf } from '@plumbline/monitoring';
import {
  findModel,
  listAlertStatesFrom,
  listChainMeasurements,
  listDeclaredMonitors,
  type Store,
} from '@plumbline/storage';
import type { Report } from '../report.js';
import { trafficModels } from '../traffic.js';
import { PROJECT, readRows } from './read-rows.js';

const HOUR_MS = 3_600_000;
const FOREVER_MS = Date.UTC(2100, 0, 1);
const TOLERANCE = 1e-9;

/** What a run came to for the watched models, as stored. */
export interface Verdicts {
  /** Measurements by `model/monitor/version/segment/feature/method/window end`. */
  readonly measurements: ReadonlyMap<string, Measurement>;
  /** States by the same keys. */
  readonly states: ReadonlyMap<string, AlertState>;
  /** Policies by `model/monitor`. */
  readonly monitors: ReadonlyMap<string, Monitor>;
}

/** Reads what a run came to. */
export async function readVerdicts(store: Store): Promise<Verdicts> {
  const measurements = new Map<string, Measurement>();
  const states = new Map<string, AlertState>();
  const monitors = new Map<string, Monitor>();
  for (const { name: model, watched } of trafficModels) {
    if (!watched) continue;
    const declared = await findModel(store, PROJECT, model);
    if (declared === undefined) throw new Error(`model ${model} is not in the store`);
    for (const monitor of monitorsOf(declared, await listDeclaredMonitors(store, PROJECT, model))) {
      const prefix = `${model}/${monitor.monitor}`;
      monitors.set(prefix, monitor);
      const chain = { project: PROJECT, model, monitor: monitor.monitor, windowMs: HOUR_MS };
      for (const each of await listChainMeasurements(store, chain, 0, FOREVER_MS)) {
        if (!each.gone) measurements.set(`${prefix}/${seriesKey(each)}/${each.windowEndMs}`, each);
      }
      for (const each of await listAlertStatesFrom(store, chain, 0)) {
        states.set(`${prefix}/${seriesKey(each)}/${each.windowEndMs}`, each.state);
      }
    }
  }
  return { measurements, states, monitors };
}

/**
 * Judges what was measured and decided under faults by a run of the same data without any: the measurements are the same, and
 * the states are what the pure state machine makes of them.
 * @param undisturbed of the run without faults
 */
export async function judgeAlerts(store: Store, undisturbed: Verdicts, report: Report): Promise<void> {
  compareAlerts(undisturbed, await readVerdicts(store), await readAlerts(store), report);
}

/**
 * The comparisons of `judgeAlerts`.
 * @param alerts that were ever raised by id, and whether they are open
 */
export function compareAlerts(
  undisturbed: Verdicts,
  found: Pick<Verdicts, 'measurements' | 'states'>,
  alerts: ReadonlyMap<string, boolean>,
  report: Pick<Report, 'check'>,
): void {
  const compared = `${undisturbed.measurements.size} measurements`;
  report.check(
    'every window was measured as in a run without faults',
    measurementDifferences(undisturbed.measurements, found.measurements),
    compared,
  );
  const wanted = pureStates(undisturbed);
  report.check(
    'alert states are those of the pure state machine',
    stateDifferences(wanted, found.states),
    `${wanted.size} states`,
  );

  const episodes = new Set([...wanted.values()].map(({ alertId }) => alertId).filter((id) => id !== ''));
  const openNow = new Set(
    lastStates(wanted)
      .filter(({ status }) => isOpen(status))
      .map(({ alertId }) => alertId),
  );
  const wrong: string[] = [];
  for (const id of episodes) if (!alerts.has(id)) wrong.push(`${id} was never raised`);
  for (const [id, open] of alerts) {
    if (open && !openNow.has(id)) wrong.push(`${id} is firing and should not be`);
    if (!open && openNow.has(id)) wrong.push(`${id} is resolved and should be firing`);
  }
  const corrected = [...alerts.keys()].filter((id) => !episodes.has(id)).length;
  report.check(
    'alert episodes are those of the pure state machine',
    wrong,
    `${episodes.size} episodes, ${openNow.size} open, ${corrected} more were raised on part of the data and taken back`,
  );
}

function measurementDifferences(
  wanted: ReadonlyMap<string, Measurement>,
  found: ReadonlyMap<string, Measurement>,
): string[] {
  const problems: string[] = [];
  for (const [key, left] of wanted) {
    const right = found.get(key);
    if (right === undefined) {
      problems.push(`${key}: not measured`);
      continue;
    }
    const same =
      left.severity === right.severity &&
      left.decides === right.decides &&
      left.nCurrent === right.nCurrent &&
      left.nMissing === right.nMissing &&
      isClose(left.value, right.value) &&
      isClose(left.effect, right.effect);
    if (!same) problems.push(`${key}: undisturbed ${summary(left)}, found ${summary(right)}`);
  }
  return problems;
}

function isClose(left: number, right: number): boolean {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) && Number.isNaN(right);
  return left === right || Math.abs(left - right) <= TOLERANCE * Math.max(1, Math.abs(left));
}

function summary({ severity, value, nCurrent, nMissing, revision, evaluatedAtMs }: Measurement): string {
  return `${severity} ${value} of ${nCurrent}+${nMissing} (revision ${revision}, evaluated ${new Date(evaluatedAtMs).toISOString()})`;
}

/** The states that the pure state machine goes through, window after window, when it sees each measurement once. */
function pureStates({ measurements, monitors }: Verdicts): Map<string, AlertState> {
  const chains = new Map<string, Measurement[]>();
  for (const [key, measurement] of measurements) {
    if (!measurement.decides) continue;
    const chain = key.slice(0, key.lastIndexOf('/'));
    chains.set(chain, [...(chains.get(chain) ?? []), measurement]);
  }
  const states = new Map<string, AlertState>();
  for (const [chain, history] of chains) {
    history.sort((left, right) => left.windowEndMs - right.windowEndMs);
    const policy = monitors.get(chain.split('/').slice(0, 2).join('/'))!.declaration;
    const steps = history.map((measurement) => ({ measurement, policy }));
    const result = fold(undefined, steps, { windowEndMs: 0, revision: 0, decidedAtMs: 0 });
    history.forEach(({ windowEndMs }, i) => states.set(`${chain}/${windowEndMs}`, result.states[i]!));
  }
  return states;
}

function stateDifferences(wanted: ReadonlyMap<string, AlertState>, found: ReadonlyMap<string, AlertState>): string[] {
  const problems: string[] = [];
  for (const [key, left] of wanted) {
    const right = found.get(key);
    if (right === undefined || (Object.keys(left) as (keyof AlertState)[]).some((name) => left[name] !== right[name])) {
      problems.push(`${key}: pure ${JSON.stringify(left)}, found ${JSON.stringify(right)}`);
    }
  }
  return problems;
}

/** The last state of each series. */
function lastStates(states: ReadonlyMap<string, AlertState>): AlertState[] {
  const last = new Map<string, { readonly endMs: number; readonly state: AlertState }>();
  for (const [key, state] of states) {
    const cut = key.lastIndexOf('/');
    const endMs = Number(key.slice(cut + 1));
    if (endMs > (last.get(key.slice(0, cut))?.endMs ?? 0)) last.set(key.slice(0, cut), { endMs, state });
  }
  return [...last.values()].map(({ state }) => state);
}

/** Alerts that were ever raised, and whether they are open: the last word is the last decision. */
async function readAlerts(store: Store): Promise<Map<string, boolean>> {
  const rows = await readRows(
    store,
    `SELECT alert_id, argMax(to_status, (decided_at, window_end, revision)) FROM transition FINAL
     WHERE alert_id != '' GROUP BY alert_id`,
  );
  return new Map(rows.map(([id, status]) => [String(id), status !== 'inactive']));
}

function seriesKey({
  version,
  segment,
  feature,
  method,
}: Pick<Measurement, 'version' | 'segment' | 'feature' | 'method'>): string {
  return `${version}/${segment}/${feature}/${method}`;
}
