import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  parseDuration,
  receiverDeclarationSchema,
  routeDeclarationSchema,
  type Transition,
} from '@plumbline/contracts';
import {
  insertAlertAction,
  insertTransitions,
  migrate,
  saveReceiver,
  saveRoute,
  saveSilence,
  Store,
} from '@plumbline/storage';
import { LinkKeys } from '@plumbline/platform';
import { createLogger, Metrics } from '@plumbline/telemetry';
import { AlerterMetrics } from '../alerter.metrics.js';
import { EmailTransports } from '../channels/email-transports.js';
import { GuardedHttp } from '../egress/guarded-http.js';
import { Secrets } from '../secrets/secrets.js';
import { WebhookSender } from '../webhook/webhook-sender.js';
import { Notifier } from './notifier.js';

/** What a step may do to the world of its scenario. */
interface World {
  fires(feature: string, values?: Partial<Transition>): Promise<void>;
  resolves(feature: string): Promise<void>;
  escalates(feature: string): Promise<void>;
  acknowledges(feature: string, author: string): Promise<void>;
  silences(matcher: string, from: string, to: string): Promise<void>;
  /** The receiver answers so from now on. */
  answers(status: number): void;
}

interface Push {
  readonly at: string;
  readonly run: (world: World) => Promise<void> | void;
}
interface Expected {
  readonly between: readonly [from: string, to: string];
  readonly cause: string;
  readonly told: readonly string[];
  /** Sent, and refused for now. */
  readonly status?: number;
}
interface Arrived {
  readonly atMs: number;
  readonly id: string;
  readonly incident: string;
  readonly cause: string;
  readonly told: readonly string[];
  readonly status: number;
}

const at = (instant: string, run: Push['run']): Push => ({ at: instant, run });
const between = (from: string, to: string, cause: string, told: readonly string[], status = 200): Expected => ({
  between: [from, to],
  cause,
  told,
  status,
});
/** "5m30s" in milliseconds. */
const ms = (script: string): number =>
  [...script.matchAll(/\d+[smhd]/g)].reduce(
    (sum, [part]) => sum + (/^0+[smhd]$/.test(part) ? 0 : parseDuration(part)),
    0,
  );

/**
 * Scripts in the manner of Alertmanager's acceptance tests: push at t, expect between t1 and t2, and nothing else. The notifier, the
 * store and the receiver are real; only the instants are given, so that hours pass in seconds and nothing depends on the machine.
 */
describe('messages by the clock', () => {
  let dataDir: string;
  let store: Store;
  let projects = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-acceptance-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.now());
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function play(route: object, script: readonly (Push | Expected)[], until: string): Promise<readonly Arrived[]> {
    const project = `scripted${++projects}`;
    // Later than anything that making the scenario writes.
    const startMs = Date.now() + 3_600_000;
    let nowMs = startMs;
    let status = 200;
    const arrived: Arrived[] = [];
    const server: Server = createServer((request, response) => {
      void text(request).then((sent) => {
        const body = JSON.parse(sent) as {
          incident_id: string;
          cause: string;
          alerts: { status: string; labels: { feature: string } }[];
        };
        const told = body.alerts.map(({ labels, status: state }) => `${labels.feature} ${state}`).sort();
        const id = String(request.headers['webhook-id']);
        arrived.push({ atMs: nowMs - startMs, id, incident: body.incident_id, cause: body.cause, told, status });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const change = { project, updatedBy: 'me', updatedAtMs: Date.now() - 60_000 };
    const declaration = receiverDeclarationSchema.parse({ channel: 'webhook', url });
    await saveReceiver(store, { ...change, receiver: 'team', declaration });
    const routed = routeDeclarationSchema.parse({ receivers: ['team'], ...route });
    await saveRoute(store, { ...change, route: 'all', declaration: routed });

    const http = new GuardedHttp({ allowedAddresses: ['127.0.0.1'], allowHttp: true });
    const secrets = new Secrets({}, '');
    const logger = createLogger({ level: 'error', format: 'json', destination: { write: () => undefined } });
    const email = new EmailTransports({ allowedAddresses: [], allowHttp: false });
    const notifier = new Notifier({
      store,
      hasConsole: true,
      logger,
      channels: { logger, http, email, secrets, sender: new WebhookSender(http, secrets), externalUrl: '' },
      links: new LinkKeys(store, {}),
      metrics: new AlerterMetrics(new Metrics({ version: 'test' })),
      abort: new AbortController().signal,
    });

    let decisions = 0;
    const decide = async (feature: string, values: Partial<Transition>): Promise<void> => {
      const transition: Transition = {
        transitionId: `${project} ${++decisions}`,
        project,
        model: 'loan',
        monitor: 'feature-drift',
        alertId: `${project} ${feature}`,
        version: '1',
        segment: '',
        feature,
        method: 'psi.decile',
        windowStartMs: startMs - 86_400_000,
        windowEndMs: startMs + decisions,
        revision: 0,
        from: 'inactive',
        to: 'firing',
        severity: 'warning',
        severityBefore: 'ok',
        value: 0.2,
        threshold: 0.1,
        nCurrent: 5_000,
        pValue: 0,
        reason: 'because',
        resolvedBy: '',
        decidedAtMs: nowMs,
        ...values,
      };
      await insertTransitions(store, [transition], transition.transitionId);
    };
    const world: World = {
      fires: async (feature, values = {}) => decide(feature, values),
      resolves: async (feature) => decide(feature, { from: 'firing', to: 'inactive', severity: 'ok' }),
      escalates: async (feature) =>
        decide(feature, { from: 'firing', severity: 'critical', severityBefore: 'warning', value: 0.4 }),
      acknowledges: async (feature, author) => {
        const alertId = `${project} ${feature}`;
        const wanted = { project, model: 'loan', alertId, action: 'acknowledge', author, note: '', nowMs } as const;
        await insertAlertAction(store, wanted);
      },
      silences: async (matcher, from, to) => {
        const silence = { project, silenceId: matcher, matchers: [matcher], author: 'ada', comment: 'known' };
        const times = { startsAtMs: startMs + ms(from), endsAtMs: startMs + ms(to), updatedAtMs: nowMs };
        await saveSilence(store, { ...silence, ...times });
      },
      answers: (next) => {
        status = next;
      },
    };

    const pushes = script.filter((step): step is Push => 'run' in step).sort((a, b) => ms(a.at) - ms(b.at));
    let dueMs: number | undefined;
    for (;;) {
      const [next] = pushes;
      const nextMs = next === undefined ? Infinity : startMs + ms(next.at);
      nowMs = Math.max(nowMs, Math.min(nextMs, dueMs ?? Infinity));
      if (nowMs > startMs + ms(until) || (nextMs === Infinity && dueMs === undefined)) break;
      while (pushes.length > 0 && startMs + ms(pushes[0]!.at) <= nowMs) await pushes.shift()!.run(world);
      do dueMs = await notifier.notify({ project, model: 'loan' }, 'team', nowMs);
      while (dueMs !== undefined && dueMs <= nowMs);
    }
    await http.close();
    server.closeAllConnections();
    server.close();
    return arrived;
  }

  it.each<[string, object, string, readonly (Push | Expected)[]]>([
    [
      'waits for a group to fill, then for the interval between messages, and repeats',
      { group_wait: '30s', group_interval: '5m', repeat_interval: '20m' },
      '40m',
      [
        at('0s', (world) => world.fires('age')),
        at('10s', (world) => world.fires('income')),
        between('30s', '32s', 'fired', ['age firing', 'income firing']),
        at('1m', (world) => world.fires('salary')),
        between('5m30s', '5m35s', 'changed', ['age firing', 'income firing', 'salary firing']),
        between('25m30s', '26m', 'repeated', ['age firing', 'income firing', 'salary firing']),
      ],
    ],
    [
      'tells that all is over, and the same three times more, so that one that got lost heals',
      { group_wait: '30s', group_interval: '1m' },
      '40m',
      [
        at('0s', (world) => world.fires('age')),
        between('30s', '32s', 'fired', ['age firing']),
        at('10m', (world) => world.resolves('age')),
        between('10m', '10m5s', 'resolved', ['age resolved']),
        between('15m', '15m10s', 'resolved', ['age resolved']),
        between('20m', '20m10s', 'resolved', ['age resolved']),
        between('25m', '25m10s', 'resolved', ['age resolved']),
      ],
    ],
    [
      'tells an episode that was over before its group had filled as over, and pages nobody for it',
      { group_wait: '1m' },
      '3m',
      [
        at('0s', (world) => world.fires('age')),
        at('20s', (world) => world.resolves('age')),
        between('20s', '1m5s', 'resolved', ['age resolved']),
      ],
    ],
    [
      'tells that an alert has become critical, and not again when it is repeated',
      { group_wait: '10s', group_interval: '2m', repeat_interval: '1h' },
      '30m',
      [
        at('0s', (world) => world.fires('age')),
        between('10s', '12s', 'fired', ['age firing']),
        at('5m', (world) => world.escalates('age')),
        between('5m', '5m5s', 'escalated', ['age firing']),
      ],
    ],
    [
      'repeats nothing that somebody has acknowledged',
      { group_wait: '10s', group_interval: '1m', repeat_interval: '10m' },
      '45m',
      [
        at('0s', (world) => world.fires('age')),
        between('10s', '12s', 'fired', ['age firing']),
        at('2m', (world) => world.acknowledges('age', 'ada')),
        between('2m', '2m5s', 'acknowledged', ['age firing']),
      ],
    ],
    [
      'keeps silent while a silence lasts, and then tells what still fires',
      { group_wait: '10s', group_interval: '1m' },
      '25m',
      [
        at('0s', (world) => world.silences('feature=~"a.*"', '0s', '20m')),
        at('10s', (world) => world.fires('age')),
        at('20s', (world) => world.fires('area')),
        at('30s', (world) => world.fires('income')),
        between('40s', '45s', 'fired', ['income firing']),
        at('10m', (world) => world.resolves('area')),
        between('20m', '21m5s', 'changed', ['age firing', 'income firing']),
      ],
    ],
    [
      'tells of an end although its alert was silenced after it had been told',
      { group_wait: '10s', group_interval: '1m' },
      '9m',
      [
        at('0s', (world) => world.fires('age')),
        between('10s', '12s', 'fired', ['age firing']),
        at('1m', (world) => world.silences('model=loan', '1m', '1h')),
        at('5m', (world) => world.resolves('age')),
        between('5m', '5m5s', 'resolved', ['age resolved']),
      ],
    ],
    [
      'withholds drift while the schema is what is wrong, and tells of it when that is over',
      { group_wait: '10s', group_interval: '1m' },
      '14m',
      [
        at('0s', (world) => world.fires('age', { method: 'missing_rate', monitor: 'data-quality', alertId: 'schema' })),
        at('1s', (world) => world.fires('income')),
        between('10s', '12s', 'fired', ['age firing']),
        at('10m', (world) =>
          world.fires('age', {
            method: 'missing_rate',
            monitor: 'data-quality',
            alertId: 'schema',
            from: 'firing',
            to: 'inactive',
            severity: 'ok',
          }),
        ),
        between('10m', '10m5s', 'changed', ['age resolved', 'income firing']),
      ],
    ],
    [
      'tries again under one key, and tells how things stand by then instead of what is past',
      { group_wait: '10s', group_interval: '1m' },
      '5m40s',
      [
        at('0s', (world) => world.answers(503)),
        at('0s', (world) => world.fires('age')),
        between('10s', '12s', 'fired', ['age firing'], 503),
        between('15s', '20s', 'fired', ['age firing'], 503),
        at('2m', (world) => world.answers(200)),
        at('2m', (world) => world.resolves('age')),
        between('2m', '2m5s', 'resolved', ['age resolved']),
      ],
    ],
  ])('%s', async (_, route, until, script) => {
    const arrived = await play(route, script, until);
    const expected = script.filter((step): step is Expected => 'between' in step);
    expect(arrived.map(({ cause, told, status }) => ({ cause, told, status }))).toEqual(
      expected.map(({ cause, told, status }) => ({ cause, told, status })),
    );
    for (const [i, { between: range }] of expected.entries()) {
      expect(arrived[i]!.atMs).toBeGreaterThanOrEqual(ms(range[0]));
      expect(arrived[i]!.atMs).toBeLessThanOrEqual(ms(range[1]));
    }
    // One incident in each script; what is sent again has the key of what it repeats.
    expect(new Set(arrived.map(({ incident }) => incident)).size).toBe(1);
    const contents = new Map<string, Set<string>>();
    for (const { id, cause, told } of arrived)
      contents.set(id, (contents.get(id) ?? new Set<string>()).add(JSON.stringify([cause, told])));
    expect([...contents.values()].every(({ size }) => size === 1)).toBe(true);
  });
});
