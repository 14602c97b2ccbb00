import type { AlertView } from '@plumbline/contracts';
import { matchesAll } from './alert-matcher.js';
import type { AlertGroup } from './alert-groups.js';
import { inhibitionOf } from './inhibition-of.js';
import { mutedUntil } from './mute-time.js';
import type { NotifyWorld, TrackedAlert } from './notify-world.js';

/** Why a receiver is not told of an alert for now. Closed, because it is a metric label. */
export type WithheldReason = 'silenced' | 'muted' | 'inhibited';

export interface Withheld {
  readonly reason: WithheldReason;
  /** In words. */
  readonly detail: string;
  /** When to look again; undefined where a change of an alert will tell. */
  readonly untilMs: number | undefined;
}

/** Returns the stages that withhold the alerts of a group, as one function of an alert: inhibit, silence, mute. */
export function withholding(
  { silences, alerts, lateModels }: Pick<NotifyWorld, 'silences' | 'alerts' | 'lateModels'>,
  nowMs: number,
): (group: Pick<AlertGroup, 'declaration'>, alert: TrackedAlert) => Withheld | undefined {
  const active = silences.filter(({ startsAtMs, endsAtMs }) => startsAtMs <= nowMs && nowMs < endsAtMs);
  const firing = alerts.map(({ view }) => view).filter(({ status }) => status === 'firing');
  const ofModel = new Map<string, AlertView[]>();
  for (const view of firing) {
    const others = ofModel.get(view.labels.model);
    if (others === undefined) ofModel.set(view.labels.model, [view]);
    else others.push(view);
  }
  return ({ declaration }, { view }) => {
    const cause = inhibitionOf(view, ofModel.get(view.labels.model) ?? [], lateModels);
    if (cause !== undefined) return { reason: 'inhibited', detail: cause, untilMs: undefined };
    const silence = active.find(({ matchers }) => matchesAll(matchers, view.labels));
    if (silence !== undefined) {
      const detail = `silenced by ${silence.author}: ${silence.comment}`;
      return { reason: 'silenced', detail, untilMs: silence.endsAtMs };
    }
    const untilMs = mutedUntil(declaration.mute, nowMs);
    return untilMs === undefined ? undefined : { reason: 'muted', detail: 'a mute time of the route', untilMs };
  };
}
