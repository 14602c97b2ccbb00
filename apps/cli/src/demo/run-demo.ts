import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { AlertReply, MeasurementReply, ReferenceSummary, RetrainingRunReply } from '@plumbline/contracts';
import type { ApiClient } from '../api-client.js';
import { CliError } from '../cli-error.js';
import type { CommandEnvironment } from '../command-context.js';
import { applyChanges, planChanges } from '../configuration-files/plan-changes.js';
import { numberText } from '../number-text.js';
import type { Output } from '../output.js';
import { allPages } from '../pages.js';
import { runEvaluation } from '../run-evaluation.js';
import { DEMO_MONITORS, demoDocuments } from './demo-model.js';
import {
  DAY_MS,
  DEMO_DAYS,
  DEMO_MODEL,
  DEMO_SEED,
  firstDayMs,
  LABEL_DELAY_DAYS,
  PREDICTIONS_PER_DAY,
  REFERENCE_ROWS,
  worldOfDay,
  worldOfVersion,
} from './demo-plan.js';
import { DemoServer } from './demo-server.js';
import { faultsOfStory, type DemoStory, type SeenAlert } from './demo-story.js';
import { referenceFile, trafficOfDay } from './demo-traffic.js';
import type { LoanModelVersion } from './loan-model.js';
import { MessageReceivers, type ReceivedMessage } from './message-receivers.js';
import { Timeline } from './timeline.js';
import { WebhookReceiver } from './webhook-receiver.js';

const ALERTS_PATH = '/alerts';
const RETRAINING_PATH = '/retrain';
const CALL_MS = 20_000;
/** How long the messages about a day's changes may take until the demo goes on without them. */
const MESSAGE_MS = 5_000;
/** The alerter looks for what there is to compare at least every half minute. */
const VERDICT_MS = 60_000;
const POLL_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const CHANNELS: readonly ReceivedMessage['channel'][] = ['Slack', 'PagerDuty', 'e-mail'];

export interface DemoOptions {
  /** Leaves the server up until a signal. */
  readonly keep?: boolean;
  /** Folder for the data, which stays; without it they go with the server. */
  readonly dataDir?: string;
}

/**
 * Plays two weeks of a loan model against a server of its own and prints what happens.
 * @throws CliError when the story did not happen as it is told
 */
export async function runDemo(
  output: Output,
  environment: CommandEnvironment,
  { keep = false, dataDir }: DemoOptions,
): Promise<void> {
  const startedAtMs = environment.now();
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const receiver = await WebhookReceiver.start(secret);
  const messages = await MessageReceivers.start();
  const stopReceivers = async (): Promise<void> => {
    await Promise.all([receiver.stop(), messages.stop()]);
  };
  const server = await DemoServer.start(secret, environment.variables, dataDir).catch(async (error: unknown) => {
    await stopReceivers();
    throw error;
  });
  let kept = false;
  try {
    const demo = new Demo(server.client, receiver, messages, output, firstDayMs(startedAtMs));
    output.line(`Plumbline demo: two weeks of a loan model (made-up data, seed ${DEMO_SEED})`);
    output.line(`server on ${server.client.connection.url}, data in ${server.dataDir}`);
    const story = await demo.play();
    const faults = faultsOfStory(story, DEMO_MONITORS);
    const seconds = (environment.now() - startedAtMs) / 1000;
    output.result(
      { seconds, faults, alerts: story.alerts, retraining_calls: story.retrainingCalls.length },
      summaryText(story, receiver, messages.messages, seconds, faults),
    );
    if (faults.length > 0)
      throw new CliError(`the demo did not go as told; the server's log ends:\n${await server.logTail()}`);
    kept = keep;
  } finally {
    await stopReceivers();
    if (!kept) await server.stop();
  }
  if (dataDir !== undefined) {
    const command = `plumbline serve --data-dir ${server.dataDir}`;
    output.line(`\nIts data stay in ${server.dataDir}; once this has ended, \`${command}\` shows them.`);
  }
  if (!kept) return;
  const { url } = server.client.connection;
  output.line(
    `\nThe server stays up; ${dataDir === undefined ? 'Ctrl-C ends it and removes its data' : 'Ctrl-C ends it'}. Look at`,
  );
  output.line(`  ${url}/                                            the console`);
  output.line(`  ${url}/docs                                        the API`);
  output.line(`  ${url}/v1/models/${DEMO_MODEL}/health                     how the model is`);
  output.line(`  ${url}/v1/models/${DEMO_MODEL}/measurements?method=accuracy  accuracy by window`);
  output.line(`  ${url}/v1/alerts?model=${DEMO_MODEL}                      its alerts`);
  output.line(`  plumbline alerts --url ${url}`);
  // A signal to this process alone must not leave the server behind.
  const end = (): void => server.end();
  for (const signal of SIGNALS) process.on(signal, end);
  await server.ended();
  for (const signal of SIGNALS) process.off(signal, end);
  await server.stop();
}

/** One play of the story. */
class Demo {
  private readonly timeline: Timeline;
  private readonly seen = new Map<string, SeenAlert>();
  private readonly labelsByDay = new Map<number, readonly string[]>();
  private version: LoanModelVersion = '1';
  private retrainedDay: number | undefined;
  private mailShown = false;
  private runId: string | undefined;
  private verdict: string | undefined;

  constructor(
    private readonly client: ApiClient,
    private readonly receiver: WebhookReceiver,
    private readonly messages: MessageReceivers,
    output: Output,
    private readonly startMs: number,
  ) {
    this.timeline = new Timeline(output, startMs);
  }

  async play(): Promise<DemoStory> {
    const urls = {
      messages: this.messages.url,
      mailPort: this.messages.mailPort,
      webhook: this.receiver.url(ALERTS_PATH),
      retraining: this.receiver.url(RETRAINING_PATH),
    };
    await applyChanges(this.client, await planChanges(this.client, demoDocuments(urls), false));
    this.timeline.remark(await this.uploadReference('1'));
    for (let day = 1; day <= DEMO_DAYS + LABEL_DELAY_DAYS; day += 1) await this.playDay(day);
    await this.tellVerdict();
    return {
      alerts: [...this.seen.values()],
      retrainingCalls: this.receiver.callsTo(RETRAINING_PATH),
      retrainedDay: this.retrainedDay,
      verdict: this.verdict,
      channels: [...new Set(this.messages.messages.map(({ channel }) => channel))],
    };
  }

  private async playDay(day: number): Promise<void> {
    const labelled = day - LABEL_DELAY_DAYS;
    const predictions = day <= DEMO_DAYS ? await this.sendTraffic(day) : 0;
    const labels = this.labelsByDay.get(labelled) ?? [];
    if (labels.length > 0) await this.send('labels', labels);
    await this.evaluate(Math.max(1, labelled), Math.min(day, DEMO_DAYS));

    const accuracy = labels.length > 0 ? await this.accuracyOf(labelled) : '';
    const traffic = predictions > 0 ? `${predictions} predictions of version ${this.version}` : 'no traffic any more';
    this.timeline.day(
      day,
      labels.length > 0 ? `${traffic}, ${labels.length} labels of day ${labelled}${accuracy}` : traffic,
    );
    const changed = await this.tellAlerts(day);
    const seen = [...this.seen.values()];
    if (!changed) this.timeline.unchanged(seen.filter(({ resolvedDay }) => resolvedDay === undefined).length);
    const worse = seen.some(({ alert }) => alert.monitor === DEMO_MONITORS.performance);
    if (changed) await this.tellMessages();
    if (worse && this.retrainedDay === undefined) await this.retrain(day);
  }

  private async sendTraffic(day: number): Promise<number> {
    const { predictions, labels } = trafficOfDay({
      seed: DEMO_SEED,
      day,
      dayStartMs: this.startMs + (day - 1) * DAY_MS,
      count: PREDICTIONS_PER_DAY,
      version: this.version,
      world: worldOfDay(day),
    });
    this.labelsByDay.set(day, labels);
    await this.send('predictions', predictions);
    return predictions.length;
  }

  private async send(kind: 'predictions' | 'labels', lines: readonly string[]): Promise<void> {
    const content = `${lines.join('\n')}\n`;
    const reply = await this.client.request('POST', `/v1/${kind}`, { contentType: 'application/x-ndjson', content });
    const { rejected_count } = reply.body as { rejected_count: number };
    if (rejected_count > 0)
      throw new CliError(`the server rejected ${rejected_count} ${kind}: ${JSON.stringify(reply.body)}`);
  }

  /** Windows of the days `from` to `to`: today's, and those that labels re-opened. */
  private async evaluate(from: number, to: number): Promise<void> {
    const instantOf = (day: number): string => new Date(this.startMs + (day - 1) * DAY_MS).toISOString();
    await runEvaluation(this.client, { model: DEMO_MODEL, from: instantOf(from), to: instantOf(to + 1) });
  }

  private async accuracyOf(day: number): Promise<string> {
    const endMs = this.startMs + day * DAY_MS;
    const found = await allPages<MeasurementReply>(this.client, `/v1/models/${DEMO_MODEL}/measurements`, {
      monitor: DEMO_MONITORS.performance,
      method: 'accuracy',
      segment: '',
      from: new Date(endMs - 1).toISOString(),
      to: new Date(endMs).toISOString(),
    });
    const values = found.filter((one) => one.value !== null);
    if (values.length === 0) return '';
    return ` (accuracy ${values.map((one) => `${numberText(one.value)}, version ${one.version}`).join('; ')})`;
  }

  /** Prints what fired and what resolved since the day before; says whether anything did. */
  private async tellAlerts(day: number): Promise<boolean> {
    const alerts = await allPages<AlertReply>(this.client, '/v1/alerts', { model: DEMO_MODEL });
    const fired: AlertReply[] = [];
    const resolved: AlertReply[] = [];
    for (const alert of alerts) {
      const before = this.seen.get(alert.alert_id);
      const isResolved = alert.status === 'resolved';
      if (before === undefined) fired.push(alert);
      else if (isResolved && before.resolvedDay === undefined) resolved.push(alert);
      this.seen.set(alert.alert_id, {
        alert,
        firedDay: before?.firedDay ?? day,
        resolvedDay: isResolved ? (before?.resolvedDay ?? day) : undefined,
      });
    }
    for (const [monitor, group] of byMonitor(fired)) this.timeline.fired(monitor, group);
    for (const [monitor, group] of byMonitor(resolved)) this.timeline.resolved(monitor, group);
    return fired.length + resolved.length > 0;
  }

  /** Prints what people were sent about the changes of the day: of the first e-mail all of it, of the others what they say first. */
  private async tellMessages(): Promise<void> {
    const arrived = await this.messages.next(CHANNELS, MESSAGE_MS);
    if (arrived.length === 0) {
      this.timeline.remark('no message: they were told of drift before, and drift inhibits what follows from it');
    }
    for (const message of arrived) {
      const first = message.channel === 'e-mail' && !this.mailShown;
      if (first) this.timeline.wholeMessage(message);
      else this.timeline.message(message);
      this.mailShown ||= first;
    }
  }

  /** Waits for the call of the retraining policy, and does what a pipeline would. */
  private async retrain(day: number): Promise<void> {
    const call = await this.receiver.firstCallTo(RETRAINING_PATH, CALL_MS);
    if (call === undefined)
      throw new CliError(`no retraining call came within ${CALL_MS / 1000} s of the accuracy alert`);
    const { run_id, reason, callback_url } = call.body as { run_id: string; reason: string; callback_url: string };
    this.timeline.remark(`retraining call received, signature ${call.signatureValid ? 'valid' : 'WRONG'}: ${reason}`);
    this.runId = run_id;
    // An address that is signed for this run, so that the pipeline needs no API key.
    const status = callback_url.slice(this.client.connection.url.length);
    await this.client.post(status, { status: 'running', detail: 'training on the last days' });
    this.timeline.remark(await this.uploadReference('2'));
    await this.client.post(status, { status: 'succeeded', version: '2', detail: 'deployed' });
    this.timeline.remark('version 2 is trained and takes the traffic from tomorrow on');
    this.version = '2';
    this.retrainedDay = day;
  }

  /** Prints what comparing the new version with the old one came to. */
  private async tellVerdict(): Promise<void> {
    if (this.runId === undefined) return;
    const deadline = Date.now() + VERDICT_MS;
    for (;;) {
      const run = (await this.client.get(`/v1/retraining-runs/${this.runId}`)) as RetrainingRunReply;
      this.verdict = run.status;
      if (['verified', 'rejected'].includes(run.status)) {
        this.timeline.remark(`the retraining is ${run.status}: ${run.comparison?.sentence ?? run.detail}`);
        return;
      }
      if (Date.now() > deadline) return;
      await setTimeout(POLL_MS);
    }
  }

  private async uploadReference(version: LoanModelVersion): Promise<string> {
    const mapping = { prediction: 'prediction', score: 'score', label: 'repaid' };
    const path = `/v1/models/${DEMO_MODEL}/versions/${version}/reference?mapping=${encodeURIComponent(JSON.stringify(mapping))}`;
    const content = referenceFile(DEMO_SEED, version, worldOfVersion(version), REFERENCE_ROWS);
    const reply = await this.client.request('POST', path, { contentType: 'application/x-ndjson', content });
    const { rows, performance } = reply.body as ReferenceSummary;
    const { accuracy, roc_auc } = performance;
    const baseline = [
      ...(accuracy === undefined ? [] : [`accuracy ${numberText(accuracy)}`]),
      ...(roc_auc === undefined ? [] : [`ROC AUC ${numberText(roc_auc)}`]),
    ];
    return `reference of version ${version}: ${rows} rows, ${baseline.join(', ')}`;
  }
}

function byMonitor(alerts: readonly AlertReply[]): ReadonlyMap<string, readonly AlertReply[]> {
  const groups = new Map<string, AlertReply[]>();
  for (const alert of alerts) groups.set(alert.monitor, [...(groups.get(alert.monitor) ?? []), alert]);
  return groups;
}

function summaryText(
  story: DemoStory,
  receiver: WebhookReceiver,
  messages: readonly ReceivedMessage[],
  seconds: number,
  faults: readonly string[],
): string {
  const told = CHANNELS.map((name) => `${messages.filter(({ channel }) => channel === name).length} by ${name}`);
  const notifications = receiver.callsTo(ALERTS_PATH);
  const valid = notifications.filter((call) => call.signatureValid).length;
  const lines = [
    '',
    `${story.alerts.length} alerts, all resolved: ${story.alerts.every(({ resolvedDay }) => resolvedDay !== undefined) ? 'yes' : 'no'}`,
    `messages: ${told.join(', ')}, ${notifications.length} by webhook, ${valid} of these with a valid signature`,
    `${story.retrainingCalls.length} retraining call, ${story.retrainingCalls.filter((call) => call.signatureValid).length} with a valid signature`,
    `${seconds.toFixed(1)} s`,
  ];
  if (faults.length === 0) return [...lines, 'The story happened as told.'].join('\n');
  return [...lines, 'The story did not happen as told:', ...faults.map((fault) => `  ${fault}`)].join('\n');
}
