import { Get, Param, Post, Query, Res } from '@nestjs/common';
import {
  type AlertActionKind,
  alertActionRequestSchema,
  alertNoteRequestSchema,
  parseDuration,
} from '@plumbline/contracts';
import { stableId } from '@plumbline/monitoring';
import { formatInZone } from '@plumbline/report';
import { acknowledgements, Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { actOnAlert } from '../../../alerts/act-on-alert.js';
import { createSilence } from '../../../alerts/create-silence.js';
import { expireSilence } from '../../../alerts/expire-silence.js';
import { findAlert } from '../../../alerts/find-alert.js';
import { Problem } from '../../../http/problem.js';
import { ConsoleController } from '../../console-controller.js';
import { Form } from '../../form.js';
import { alertPath, modelPath } from '../../paths.js';
import { renderPage } from '../../render-page.js';
import { CurrentVisit, type Visit } from '../../visit.js';
import { actAndReturn } from '../act-and-return.js';
import { authorField, authorOf } from '../author-of.js';
import { readAlertFilters } from './alert-filters.js';
import { AlertPage } from './alert-page.js';
import { AlertBadge } from './alert-table.js';
import { alertTitle } from './alert-title.js';
import { AlertsPage } from './alerts-page.js';
import { readAlertPage } from './read-alert-page.js';
import { readAlertsPage } from './read-alerts-page.js';
import { matchersOfScope, silenceDurations, silenceScopes } from './silence-of-alert.js';

const alertIdSchema = z.string().min(1).max(128);
const silenceIdSchema = z.string().min(1).max(128);
const actionFormSchema = z.object({ author: authorField, note: alertActionRequestSchema.shape.note });
const noteFormSchema = z.object({ author: authorField, note: alertNoteRequestSchema.shape.note });
const silenceFormSchema = z.object({
  author: authorField,
  note: z
    .string()
    .trim()
    .min(1, 'say why: who is paged next will want to know')
    .max(1_000, 'must have at most 1,000 characters'),
  scope: z.enum(silenceScopes),
  duration: z.enum(silenceDurations),
  request: z.uuid(),
});
type ActionForm = z.output<typeof actionFormSchema>;
type SilenceForm = z.output<typeof silenceFormSchema>;

const DONE: Readonly<Record<AlertActionKind, string>> = {
  acknowledge: 'Acknowledged: it is not repeated to receivers until it is over.',
  unacknowledge: 'The acknowledgement is taken back.',
  resolve: 'Ended. If the next windows breach, another alert fires.',
  note: 'The note is written down.',
};

/** Pages of alerts, and what people do about them: the same as the API does, by the same functions. */
@ConsoleController()
export class AlertsPagesController {
  constructor(
    readonly store: Store,
    readonly stream: EventStream,
    readonly logger: Logger,
  ) {}

  @Get('alerts')
  async list(@CurrentVisit() visit: Visit, @Query() query: unknown): Promise<string> {
    const filters = readAlertFilters(query, visit.zone);
    const data = await readAlertsPage(this.store, visit.caller.project, filters, visit.nowMs);
    return renderPage(
      visit,
      { title: 'Alerts', section: 'alerts' },
      <AlertsPage visit={visit} filters={filters} data={data} />,
    );
  }

  @Get('alerts/:alert')
  async show(
    @CurrentVisit() visit: Visit,
    @Param('alert', { schema: alertIdSchema }) alertId: string,
  ): Promise<string> {
    const data = await readAlertPage(this.store, visit.caller.project, alertId, visit.nowMs);
    const { alert } = data;
    return renderPage(
      visit,
      {
        title: alertTitle(alert),
        section: 'alerts',
        crumbs: [
          { label: 'Alerts', href: '/alerts' },
          { label: alert.model, href: modelPath(alert.model, 'alerts') },
        ],
        heading: <AlertBadge alert={alert} />,
        // On a phone the forms stand far below.
        actions: visit.canAct && (
          <a class="button" href="#act">
            Act on it
          </a>
        ),
      },
      <AlertPage visit={visit} data={data} />,
    );
  }

  @Post('alerts/:alert/acknowledge')
  async acknowledge(
    @CurrentVisit() visit: Visit,
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @Form(actionFormSchema) form: ActionForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.act(visit, 'acknowledge', alertId, form, reply);
  }

  @Post('alerts/:alert/unacknowledge')
  async unacknowledge(
    @CurrentVisit() visit: Visit,
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @Form(actionFormSchema) form: ActionForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.act(visit, 'unacknowledge', alertId, form, reply);
  }

  @Post('alerts/:alert/resolve')
  async resolve(
    @CurrentVisit() visit: Visit,
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @Form(actionFormSchema) form: ActionForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.act(visit, 'resolve', alertId, form, reply);
  }

  @Post('alerts/:alert/notes')
  async note(
    @CurrentVisit() visit: Visit,
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @Form(noteFormSchema) form: ActionForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.act(visit, 'note', alertId, form, reply);
  }

  @Post('alerts/:alert/silence')
  async silence(
    @CurrentVisit() visit: Visit,
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @Form(silenceFormSchema) { author, note, scope, duration, request }: SilenceForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { caller, nowMs, zone } = visit;
    const { project } = caller;
    const alert = await findAlert(this.store, project, alertId);
    await actAndReturn(reply, alertPath(alertId), async () => {
      const wanted = {
        project,
        silenceId: stableId('silence by console', alertId, request),
        matchers: matchersOfScope(scope, alert),
        startsAtMs: nowMs,
        endsAtMs: nowMs + parseDuration(duration),
        author: authorOf(visit, author),
        comment: note,
      };
      const { matchers, endsAtMs } = await createSilence(this, wanted, nowMs);
      return `Silenced until ${formatInZone(endsAtMs, zone)} (${zone}): ${matchers.join(', ')}.`;
    });
  }

  @Post('silences/:silence/expire')
  async expire(
    @CurrentVisit() { caller, nowMs }: Visit,
    @Param('silence', { schema: silenceIdSchema }) silenceId: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await actAndReturn(reply, '/alerts', async () => {
      await expireSilence(this, caller.project, silenceId, nowMs);
      return 'The silence is over: what still fires is told now.';
    });
  }

  private async act(
    visit: Visit,
    action: AlertActionKind,
    alertId: string,
    { author, note }: ActionForm,
    reply: FastifyReply,
  ): Promise<void> {
    const { caller, nowMs } = visit;
    await actAndReturn(reply, alertPath(alertId), async () => {
      const by = authorOf(visit, author);
      if (action === 'acknowledge') await this.checkNobodyHas(caller.project, alertId, by);
      await actOnAlert(this, { project: caller.project, alertId, action, author: by, note, key: undefined, nowMs });
      return DONE[action];
    });
  }

  /** The form is there while nobody works on the alert. @throws Problem 409 when somebody else does by now */
  private async checkNobodyHas(project: string, alertId: string, author: string): Promise<void> {
    const known = (await acknowledgements(this.store, { project, alertIds: [alertId] })).get(alertId);
    if (known === undefined || known.by === author) return;
    throw new Problem(409, `${known.by} acknowledged the alert first`);
  }
}
