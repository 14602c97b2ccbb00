import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { type Configuration, parseDuration, recordKey } from '@plumbline/contracts';
import { LinkKeys, wakeAlerter } from '@plumbline/platform';
import {
  listFailingReceivers,
  listModelsToRetrain,
  listModelsWithNotices,
  listOutboxWork,
  type ModelKey,
  StorageError,
  Store,
} from '@plumbline/storage';
import { EventStream, StreamOverloadedError, StreamStoppedError } from '@plumbline/stream';
import { type CheckResult, CONFIGURATION, Health, Logger } from '@plumbline/telemetry';
import { AlerterMetrics } from './alerter.metrics.js';
import { EmailTransports } from './channels/email-transports.js';
import { GuardedHttp } from './egress/guarded-http.js';
import { Lanes, type LaneWork } from './lanes.js';
import { Limiter } from './limiter.js';
import { Notifier } from './notify/notifier.js';
import { OUTBOX_LOOKBACK_MS } from './notify/outbox-lookback.js';
import { RunNotices } from './retraining/notices/run-notices.js';
import { Retrainer } from './retraining/retrainer.js';
import { RetrainingCaller } from './retraining/targets/retraining-caller.js';
import { type Environment, Secrets } from './secrets/secrets.js';
import { WebhookSender } from './webhook/webhook-sender.js';

/** Injection token of the variables that secrets refer to by name, an Environment. */
export const SECRET_ENVIRONMENT = Symbol('secret environment');

/** How long a change of routes, silences or receivers waits when the record that should have told of it was lost. */
const LOOK_AT_ALL_MS = 10 * 60_000;
/** Without a scan for so many of its intervals, and for so long, the alerter is not well. */
const MISSED_SCANS = 3;
const UNHEALTHY_AFTER_MS = 90_000;
/** Models whose policies are looked at side by side. */
const RETRAINING_AT_A_TIME = 8;
const RETRY_MS = 5_000;
/** How long messages under way may take at the end; interrupted ones are sent again by the next process. */
const SHUTDOWN_GRACE_MS = 5_000;

/**
 * Decides when which model is worked on, of those whose transitions come to this process. The transition table is the outbox: a record
 * of the stream, a retry that comes due and the regular scan only wake, so a lost or repeated wake does no harm, and whoever takes a
 * model over finds what is left of it.
 */
@Injectable()
export class DispatchScheduler implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly lanes = new Lanes((error, key) => this.retryAtMs(error, key));
  private readonly abort = new AbortController();
  private readonly http: GuardedHttp;
  private readonly email: EmailTransports;
  private readonly notifier: Notifier;
  private readonly retrainer: Retrainer;
  private readonly runNotices: RunNotices;
  /** So that messages are not held up by the queries of all models at once. */
  private readonly retraining = new Limiter({ concurrent: RETRAINING_AT_A_TIME });
  /** How long a change waits when the record that should have woken us was lost with a process. */
  private readonly scanEveryMs: number;
  private lastScanAtMs = Date.now();
  /** Keys of this process that were looked at since it owns them: their timers run here. */
  private readonly known = new Set<string>();
  private knownSinceMs = Date.now();

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
    private readonly metrics: AlerterMetrics,
    private readonly health: Health,
    @Inject(CONFIGURATION) { alerting, console: pages }: Configuration,
    @Inject(SECRET_ENVIRONMENT) environment: Environment,
  ) {
    this.scanEveryMs = parseDuration(alerting.scan);
    this.http = new GuardedHttp(alerting);
    this.email = new EmailTransports(alerting);
    const secrets = new Secrets(environment, alerting.secretsDirectory);
    const sender = new WebhookSender(this.http, secrets);
    const externalUrl = alerting.externalUrl.replace(/\/+$/, '');
    const common = { store, logger, metrics, abort: this.abort.signal };
    const links = new LinkKeys(store, alerting);
    const channels = { logger, http: this.http, email: this.email, secrets, sender, externalUrl };
    this.notifier = new Notifier({ ...common, channels, links, hasConsole: pages.enabled });
    this.retrainer = new Retrainer({
      ...common,
      caller: new RetrainingCaller({ http: this.http, secrets }),
      links,
      externalUrl,
      wake: (model) => wakeAlerter(stream, logger, model),
    });
    this.runNotices = new RunNotices({ ...common, channels, links });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.health.register('alerter', async () => this.check(Date.now()));
    await this.stream.subscribe(
      'plumbline.transitions',
      async ({ records, topic }) => {
        for (const { value } of records) {
          if (value.unreadable === undefined) {
            this.wake(value);
            if (value.model !== '') this.wakeRetraining(value);
          } else this.logger.error({ topic, detail: value.unreadable }, 'a record that is no transition of ours');
        }
      },
      { group: 'alerter' },
    );
    this.lanes.wake('scan', (nowMs) => this.scan(nowMs));
  }

  onModuleDestroy(): void {
    this.lanes.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    const grace = setTimeout(() => this.abort.abort(new Error('the alerter is shutting down')), SHUTDOWN_GRACE_MS);
    await this.lanes.idle();
    clearTimeout(grace);
    this.email.close();
    await this.http.close();
  }

  /** Looks for what nobody was woken for: a record was lost with a process, or the model has just become this process's own. */
  private async scan(nowMs: number): Promise<number> {
    const sinceMs = nowMs - OUTBOX_LOOKBACK_MS;
    const outbox = await listOutboxWork(this.store, sinceMs);
    this.metrics.outbox(outbox.reduce((sum, { pending }) => sum + pending, 0));
    if (nowMs - this.knownSinceMs > LOOK_AT_ALL_MS) {
      this.known.clear();
      this.knownSinceMs = nowMs;
    }
    for (const key of this.known) if (!this.owns(key)) this.known.delete(key);
    for (const { project, model, pending } of outbox) {
      // A key that is known here has timers for what comes due by itself.
      if (pending > 0 || !this.known.has(recordKey(project, model))) this.wake({ project, model });
    }
    const failing = await listFailingReceivers(this.store, sinceMs);
    for (const project of new Set(failing.map((each) => each.project))) this.wake({ project, model: '' });
    for (const model of await listModelsToRetrain(this.store, sinceMs)) this.wakeRetraining(model);
    for (const model of await listModelsWithNotices(this.store, sinceMs)) this.wakeRunNotices(model);
    this.lastScanAtMs = nowMs;
    return nowMs + this.scanEveryMs;
  }

  /**
   * Works on the messages of a model of this process, on each receiver without one waiting for another. Without a model: on the
   * groups of the project that name none.
   */
  private wake({ project, model }: ModelKey): void {
    const key = recordKey(project, model);
    if (!this.owns(key)) return;
    this.known.add(key);
    this.wakeLane(key, `route ${key}`, async (nowMs) => {
      const { receivers, groupsWithoutModel } = await this.notifier.concerned({ project, model }, nowMs);
      for (const receiver of receivers) {
        const notify = (atMs: number) => this.notifier.notify({ project, model }, receiver, atMs);
        this.wakeLane(key, `notify ${key} ${receiver}`, notify);
      }
      if (model !== '' && groupsWithoutModel) this.lanes.wake(`project ${project}`, () => this.wakeProject(project));
      return undefined;
    });
  }

  /** Wakes the owner of the groups that name no model, which may be another process. */
  private async wakeProject(project: string): Promise<undefined> {
    if (this.owns(recordKey(project, ''))) this.wake({ project, model: '' });
    else await wakeAlerter(this.stream, this.logger, { project, model: '' });
    return undefined;
  }

  private wakeRetraining({ project, model }: ModelKey): void {
    const key = recordKey(project, model);
    this.wakeLane(key, `retrain ${key}`, (nowMs) =>
      this.retraining.run(() => this.retrainer.retrain(project, model, nowMs)),
    );
    this.wakeRunNotices({ project, model });
  }

  private wakeRunNotices({ project, model }: ModelKey): void {
    const key = recordKey(project, model);
    this.wakeLane(key, `run notices ${key}`, (nowMs) =>
      this.retraining.run(() => this.runNotices.tell({ project, model }, nowMs)),
    );
  }

  private owns(key: string): boolean {
    return this.stream.owns('plumbline.transitions', key);
  }

  /** A lane ends when the model is another's: its retries are due there. */
  private wakeLane(key: string, lane: string, work: LaneWork): void {
    if (this.owns(key)) this.lanes.wake(lane, async (nowMs) => (this.owns(key) ? work(nowMs) : undefined));
  }

  /** Says when to try again after a failure that may pass; any other ends the process. */
  private retryAtMs(error: unknown, key: string): number {
    const nowMs = Date.now();
    if (this.abort.signal.aborted || error instanceof StreamStoppedError) return nowMs + RETRY_MS;
    if (error instanceof StreamOverloadedError) return nowMs + error.retryAfterMs;
    if (error instanceof StorageError && error.retryable) {
      this.logger.warn({ err: error, lane: key }, 'the store failed the alerter, which will try again');
      return nowMs + RETRY_MS;
    }
    throw error;
  }

  private check(nowMs: number): CheckResult {
    const silentMs = nowMs - this.lastScanAtMs;
    if (silentMs <= Math.max(UNHEALTHY_AFTER_MS, MISSED_SCANS * this.scanEveryMs)) return { ok: true };
    return { ok: false, detail: `the outbox was last looked at ${Math.round(silentMs / 1000)} s ago` };
  }
}
