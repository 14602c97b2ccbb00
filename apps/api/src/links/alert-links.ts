import { Injectable } from '@nestjs/common';
import { type AlertView, parseDuration } from '@plumbline/contracts';
import { stableId } from '@plumbline/monitoring';
import type { LinkClaims } from '@plumbline/platform';
import {
  findSilence,
  listAlerts,
  listNotifications,
  type ListedNotification,
  saveSilence,
  Store,
} from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { actOnAlert } from '../alerts/act-on-alert.js';
import { wakeProject } from '../alerts/wake-project.js';
import { instantText } from '../http/instant-text.js';
import { Problem } from '../http/problem.js';
import { type LinkForm, LinkHandler, type LinkPage } from './link-handler.js';

const actions = ['alert.show', 'alert.acknowledge', 'alert.silence'] as const;
const SHOWN_ALERTS = 20;
const MAX_ALERTS = 1_000;

/** Links of a message: they show its alerts, acknowledge those that fire, or silence their group for a while. */
@Injectable()
export class AlertLinks extends LinkHandler {
  readonly actions = actions;

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
  ) {
    super();
  }

  async describe({ project, action, subject, detail }: LinkClaims): Promise<LinkPage> {
    const message = await this.message(project, subject);
    const open = await this.openAlerts(message);
    const title = titleOf(message);
    const shown = message.content.alerts.slice(0, SHOWN_ALERTS).map((alert) => describeAlert(alert, open));
    const more = message.content.alerts.length - shown.length + message.content.moreAlerts;
    const items = more > 0 ? [...shown, `And ${more} more.`] : shown;
    if (open.length === 0) return { title, text: ['None of these alerts fires any more.'], items };
    if (action === 'alert.acknowledge') {
      const says = `This says that you work on it: ${count(open)} will not be repeated until ${open.length === 1 ? 'it is' : 'they are'} resolved.`;
      return { title, text: [says], items, button: 'Acknowledge' };
    }
    if (action === 'alert.silence') {
      const says = `This silences ${matchersOf(message).join(', ')} for ${detail ?? '2h'}; what fires then is told.`;
      return { title, text: [says], items, button: 'Silence' };
    }
    return { title, text: [], items };
  }

  async perform({ project, action, subject, detail }: LinkClaims, form: LinkForm, nowMs: number): Promise<LinkPage> {
    const message = await this.message(project, subject);
    const title = titleOf(message);
    const author = `${form.author} (by link)`;
    if (action === 'alert.acknowledge') {
      const open = await this.openAlerts(message);
      const { store, stream, logger } = this;
      for (const alertId of open) {
        const wanted = {
          project,
          alertId,
          action: 'acknowledge',
          author,
          note: form.note,
          key: subject,
          nowMs,
        } as const;
        await actOnAlert({ store, stream, logger }, wanted);
      }
      return { title, text: [`Acknowledged: ${count(open)}, by ${author}.`] };
    }
    if (action !== 'alert.silence') return this.describe({ project, action, subject, detail, expiresAtMs: nowMs });
    return { title, text: [await this.silence(message, author, form.note, detail ?? '2h', nowMs)] };
  }

  /** One link makes one silence, however often it is used. */
  private async silence(
    message: ListedNotification,
    author: string,
    note: string,
    duration: string,
    nowMs: number,
  ): Promise<string> {
    const { project, notificationId } = message;
    const silenceId = stableId('silence by link', notificationId);
    const known = await findSilence(this.store, project, silenceId);
    const matchers = matchersOf(message);
    const silence =
      known ??
      (await saveSilence(this.store, {
        project,
        silenceId,
        matchers,
        startsAtMs: nowMs,
        endsAtMs: nowMs + parseDuration(duration),
        author,
        comment: note === '' ? 'by a link in a message' : note,
        updatedAtMs: nowMs,
      }));
    await wakeProject(this.store, this.stream, this.logger, project);
    return `Silenced: ${silence.matchers.join(', ')} until ${instantText(silence.endsAtMs)}, by ${silence.author}.`;
  }

  private async message(project: string, notificationId: string): Promise<ListedNotification> {
    const [found] = await listNotifications(this.store, { project, notificationId, limit: 1 });
    if (found === undefined) throw new Problem(404, 'the message of this link is not known here');
    return found;
  }

  /** Ids of the alerts of the message that still fire. */
  private async openAlerts({ project, content }: ListedNotification): Promise<string[]> {
    const models = [...new Set(content.alerts.map(({ labels }) => labels.model))].filter((model) => model !== '');
    const open = new Set<string>();
    for (const model of models) {
      const alerts = await listAlerts(this.store, { project, model, status: 'firing', limit: MAX_ALERTS });
      for (const { alertId } of alerts) open.add(alertId);
    }
    return content.alerts.map(({ alertId }) => alertId).filter((alertId) => open.has(alertId));
  }
}

/** The labels that the alerts of the message were grouped by; those of the project when there are none. */
function matchersOf({ project, content }: ListedNotification): string[] {
  const labels = Object.entries(content.groupLabels);
  const named = labels.length === 0 ? [['project', project] as const] : labels;
  return named.map(([name, value]) => `${name}=${JSON.stringify(value)}`);
}

function titleOf({ content }: ListedNotification): string {
  return content.report?.headline ?? content.alerts[0]?.reason ?? 'Alerts';
}

function describeAlert(
  { alertId, labels, severity, reason, firedAtMs, acknowledged }: AlertView,
  open: readonly string[],
): string {
  const state = open.includes(alertId) ? `fires since ${instantText(firedAtMs)}` : 'is over';
  const what = [labels.model, labels.version, labels.monitor, labels.segment, labels.feature].filter(
    (part) => part !== '',
  );
  const by = acknowledged === undefined ? '' : ` Acknowledged by ${acknowledged.by}.`;
  return `${what.join(' / ')} (${severity}) ${state}: ${reason}${by}`;
}

function count(alerts: readonly string[]): string {
  return alerts.length === 1 ? 'one alert' : `${alerts.length} alerts`;
}
