import type { AlertReply } from '@plumbline/contracts';
import { CONCEPT_DAY, DRIFT_DAY, LABEL_DELAY_DAYS } from './demo-plan.js';
import { DRIFTING_FEATURES } from './loan-world.js';

/** An alert, with the simulated day after which it was seen firing and the one after which it was seen resolved. */
export interface SeenAlert {
  readonly alert: AlertReply;
  readonly firedDay: number;
  readonly resolvedDay: number | undefined;
}

/** What happened in a run of the demo. */
export interface DemoStory {
  readonly alerts: readonly SeenAlert[];
  readonly retrainingCalls: readonly { readonly signatureValid: boolean }[];
  readonly retrainedDay: number | undefined;
  /** Status of the retraining run in the end. */
  readonly verdict: string | undefined;
  /** Those that a message came by. */
  readonly channels: readonly string[];
}

/** Monitor detectors by the default monitor's name. */
export interface DemoMonitors {
  readonly featureDrift: string;
  readonly performance: string;
}

/** Returns where the run differs from the story as it is told; empty when it happened so. */
export function faultsOfStory(story: DemoStory, monitors: DemoMonitors): readonly string[] {
  const faults: string[] = [];
  const early = story.alerts.filter(({ firedDay }) => firedDay < DRIFT_DAY);
  if (early.length > 0) faults.push(`alerts on quiet days: ${early.map(describe).join(', ')}`);

  const drifting = story.alerts.filter(
    ({ alert, firedDay }) => alert.monitor === monitors.featureDrift && firedDay === DRIFT_DAY,
  );
  const named = [...new Set(drifting.map(({ alert }) => alert.feature))].sort();
  if (named.join() !== [...DRIFTING_FEATURES].sort().join()) {
    faults.push(
      `drift on day ${DRIFT_DAY} named ${named.join(', ') || 'nothing'}, not ${DRIFTING_FEATURES.join(', ')}`,
    );
  }
  const others = story.alerts.filter(
    ({ alert }) => alert.monitor === monitors.featureDrift && !DRIFTING_FEATURES.includes(alert.feature),
  );
  if (others.length > 0) faults.push(`drift named features that did not drift: ${others.map(describe).join(', ')}`);

  const accuracyDay = CONCEPT_DAY + LABEL_DELAY_DAYS;
  const performance = story.alerts.filter(({ alert }) => alert.monitor === monitors.performance);
  if (!performance.some(({ firedDay }) => firedDay === accuracyDay)) {
    faults.push(`no performance alert on day ${accuracyDay}, when the labels of day ${CONCEPT_DAY} came`);
  }
  const calls = story.retrainingCalls.length;
  if (calls !== 1) faults.push(`${calls} retraining calls, not 1`);
  if (story.retrainingCalls.some((call) => !call.signatureValid))
    faults.push('a retraining call with a wrong signature');
  if (story.retrainedDay !== accuracyDay) faults.push(`no retraining on day ${accuracyDay}`);
  if (story.verdict !== 'verified') faults.push(`the retraining ended as ${story.verdict ?? 'nothing'}, not verified`);
  const silent = ['Slack', 'PagerDuty', 'e-mail'].filter((channel) => !story.channels.includes(channel));
  if (silent.length > 0) faults.push(`no message by ${silent.join(', ')}`);

  const second = story.alerts.filter(({ alert }) => alert.version === '2');
  if (second.length > 0) faults.push(`alerts of version 2: ${second.map(describe).join(', ')}`);
  const open = story.alerts.filter(({ resolvedDay }) => resolvedDay === undefined);
  if (open.length > 0) faults.push(`not resolved: ${open.map(describe).join(', ')}`);
  return faults;
}

function describe({ alert, firedDay }: SeenAlert): string {
  return `${alert.monitor} ${alert.feature} ${alert.method} (day ${firedDay})`.replace(/ +/g, ' ');
}
