import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../support/until.js';
import { type ClickHouseFront, startClickHouseFront } from '../support/clickhouse-server.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { type KafkaBroker, startKafkaBroker } from '../support/kafka-broker.js';
import { declare } from './declare.js';
import {
  type DistributedApp,
  failpoints,
  type Harm,
  planHarm,
  processes,
  SESSION_TIMEOUT_S,
  STORE_TIMEOUT_S,
} from './distributed-plan.js';
import { MixedSender } from './event-sender.js';
import { FailpointDeck } from './failpoint-deck.js';
import { HttpSender } from './http-sender.js';
import { consumed } from './kafka-lag.js';
import { KafkaSender, type SentPoison, topicOf } from './kafka-sender.js';
import { Load, settleAll } from './load.js';
import { checkCounters, repairOpenWindows, repetitions } from './rest.js';
import { PROGRESS_EVERY, type Run } from './run.js';
import { SeededRandom } from './seeded-random.js';
import { ServiceProcess } from './service-process.js';
import { serviceSettings } from './service-settings.js';
import { evaluated, notified } from './settled.js';
import { type Failpoint, SupervisedProcess } from './supervised-process.js';

const APPS: readonly DistributedApp[] = ['ingester', 'evaluator', 'alerter', 'api'];
/** Generous: eight processes start on a machine that may be busy. */
const READY_MS = 5 * 60_000;
/** Pause between two harms: long enough for some work in between, short enough that recoveries overlap. */
const PAUSE_MS = { from: 200, to: 1_500 };

/** How long a slow broker runs before it stops again. */
const SLOW_STEP_MS = 50;

/** A system of many processes that has come to rest, and what it runs on. */
export interface DistributedRest {
  readonly storeUrl: string;
  readonly poison: readonly SentPoison[];
  /** Ends everything. */
  stop(): Promise<void>;
}

/**
 * Harms a system of a broker, a store and several processes of each app for as many kills as asked, then lets it come to rest:
 * everything sent and acknowledged, the backlog worked off, every window evaluated, everybody told.
 */
export async function runDistributed(run: Run): Promise<DistributedRest> {
  const { oracle, receiver, report, disk, seed } = run;
  const random = new SeededRandom(seed, 20);
  const killsBefore = kills();
  let broker: KafkaBroker | undefined;
  let front: ClickHouseFront | undefined;
  let proxy: FaultProxy | undefined;
  let kafka: KafkaSender | undefined;
  const slots: SupervisedProcess[] = [];
  let armed = false;
  let quiet = false;
  const stop = async (): Promise<void> => {
    for (const slot of slots) await Promise.all([slot.leave(), slot.process.end('SIGKILL')]);
    await kafka?.disconnect().catch(() => undefined);
    await proxy?.stop();
    await front?.kill();
    await broker?.stop();
  };
  try {
    broker = await startKafkaBroker();
    const storeDir = disk.folder('store');
    front = await startClickHouseFront({ dataDir: storeDir });
    proxy = await FaultProxy.start(front.port);
    await startApps();
    const http = new HttpSender(oracle, report, (client) => client.pick(ofApp('api')).process.url);
    const api = ofApp('api')[0]!.process;
    await declare(api.url, oracle.traffic, receiver.url);
    kafka = await KafkaSender.connect(oracle, report, broker.brokers);
    const sender = new MixedSender([
      [http, 3],
      [kafka, 1],
    ]);

    report.phase('faults begin');
    let limit = 0;
    let told = 0;
    const load = new Load(sender, () => oracle.take(limit), [seed, 21]);
    for (const harm of planHarm(new SeededRandom(seed, 22))) {
      const made = kills() - killsBefore;
      if (made >= run.kills) break;
      if (made >= told + PROGRESS_EVERY) {
        told += PROGRESS_EVERY;
        report.phase(`${told} kills`);
      }
      limit = run.predictionsPerLife * (made + 1);
      await inflict(harm);
      await delay(random.integer(PAUSE_MS.from, PAUSE_MS.to));
    }
    await load.stop();

    report.phase('faults are over: what was not acknowledged is sent again');
    report.fault('quiet from here on');
    quiet = true;
    // Every process begins anew, without a failpoint and with counters at zero.
    await Promise.all(slots.map(async ({ process }) => process.end('SIGTERM')));
    await everyReady();
    await settleAll(sender, () => oracle.takeRest(), [seed, 23]);
    await settleAll(sender, repetitions(oracle, 20), [seed, 24]);
    report.phase('waiting until the backlog is gone');
    for (const topic of [topicOf('prediction'), topicOf('label')]) {
      await consumed(broker.brokers, `plumbline.ingester.${topic}`, topic);
    }
    await checkCounters(
      ofApp('ingester').map(({ process }) => process.url),
      report,
    );
    report.phase('waiting until everything is evaluated and everybody told');
    await evaluated(ofApp('evaluator').map(({ process }) => process.url));
    await notified(api.url, receiver);
    await repairOpenWindows(api.url);
    for (const slot of slots) {
      await Promise.all([slot.leave(), stopped(slot.process)]);
    }
    return { storeUrl: front.url, poison: kafka.poison, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  function ofApp(app: DistributedApp): SupervisedProcess[] {
    return slots.filter(({ process }) => process.app === app);
  }

  function kills(): number {
    return report.countOf('SIGKILL at random') + report.countOf('SIGKILL at a failpoint');
  }

  async function everyReady(): Promise<void> {
    await until('every process', () => (slots.every(({ process }) => process.ready) ? true : undefined), READY_MS);
  }

  async function startApps(): Promise<void> {
    for (const app of APPS) {
      for (let which = 0; which < processes[app]; which++) slots.push(await createSlot(app, which));
    }
    // Tables are made once, before anybody needs them.
    await slots[0]!.process.runOnce('--migrate');
    for (const slot of slots) slot.begin();
    await everyReady();
    armed = true;
  }

  async function createSlot(app: DistributedApp, which: number): Promise<SupervisedProcess> {
    const name = `${app}-${which}`;
    const env = {
      PLUMBLINE_DATA_DIR: disk.folder(name),
      PLUMBLINE_CLICKHOUSE_URL: proxy!.url,
      PLUMBLINE_CLICKHOUSE_REQUEST_TIMEOUT: `${STORE_TIMEOUT_S}s`,
      PLUMBLINE_KAFKA_BROKERS: broker!.brokers.join(),
      PLUMBLINE_KAFKA_PARTITIONS: '4',
      PLUMBLINE_KAFKA_SESSION_TIMEOUT: `${SESSION_TIMEOUT_S}s`,
      ...serviceSettings,
    };
    const process = await ServiceProcess.create(name, app, env, (what, log) =>
      report.violation(`${what}:\n${log.split('\n').slice(-12).join('\n')}`),
    );
    let life = 0;
    const deck = new FailpointDeck(
      failpoints[app].map(([point]) => point),
      random,
    );
    const nextFailpoint = (): Failpoint | undefined => {
      if (!armed || quiet || life++ % 2 === 1) return undefined;
      return { point: deck.next(), times: random.pick([1, 1, 2, 3]) };
    };
    return new SupervisedProcess(process, report, nextFailpoint, ({ point, times }) => {
      deck.hit(point);
      report.fault(`${name} ended at "${point}", pass ${times}`);
      const meaning = failpoints[app].find(([each]) => each === point)![1];
      report.count(`SIGKILL ${meaning}: ${point}`);
      report.count('SIGKILL at a failpoint');
    });
  }

  async function inflict(harm: Harm): Promise<void> {
    if ('app' in harm) {
      const { process } = ofApp(harm.app)[harm.which]!;
      // One that is down already cannot be harmed.
      if (!process.ready) return;
      if (harm.kind === 'freeze') await freeze(process, harm.forMs);
      else await endProcess(process, harm.kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
      return;
    }
    report.fault(`${harm.kind} for ${harm.forMs} ms${harm.kind === 'store' ? `: ${JSON.stringify(harm.fault)}` : ''}`);
    report.count(harm.kind === 'store' ? `store: ${harm.fault.kind}` : harm.kind);
    switch (harm.kind) {
      case 'store':
        if (harm.fault.kind === 'refuse') await proxy!.refuse();
        else proxy!.set(harm.fault);
        await delay(harm.forMs);
        proxy!.set({ kind: 'none' });
        await proxy!.accept();
        return;
      case 'store killed': {
        const { port } = front!;
        await front!.kill();
        await delay(harm.forMs);
        front = await startClickHouseFront({ dataDir: disk.folder('store'), port });
        return;
      }
      case 'broker killed':
        await broker!.kill();
        await delay(harm.forMs);
        await broker!.restart();
        return;
      case 'broker frozen':
        signalTo(broker!.pid, 'SIGSTOP');
        await delay(harm.forMs);
        signalTo(broker!.pid, 'SIGCONT');
        return;
      case 'broker slow':
        for (const endMs = performance.now() + harm.forMs; performance.now() < endMs;) {
          signalTo(broker!.pid, 'SIGSTOP');
          await delay(3 * SLOW_STEP_MS);
          signalTo(broker!.pid, 'SIGCONT');
          await delay(SLOW_STEP_MS);
        }
    }
  }

  async function freeze(process: ServiceProcess, forMs: number): Promise<void> {
    report.fault(`${process.name} frozen for ${forMs} ms`);
    report.count(forMs > SESSION_TIMEOUT_S * 1_000 ? 'SIGSTOP beyond the session' : 'SIGSTOP');
    process.freeze();
    await delay(forMs);
    process.thaw();
  }

  async function endProcess(process: ServiceProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    report.fault(`${process.name} ended by ${signal}`);
    if (signal === 'SIGTERM') {
      await stopped(process);
      return;
    }
    await process.end('SIGKILL');
    report.count('SIGKILL at random');
    report.count(`SIGKILL of ${process.app} at random`);
  }

  async function stopped(process: ServiceProcess): Promise<void> {
    const code = await process.end('SIGTERM');
    report.count('SIGTERM');
    if (code !== 0 && !process.endedAtFailpoint) {
      report.violation(`SIGTERM of ${process.name}: exit code ${code}:\n${process.log.slice(-2_000)}`);
    }
  }
}

function signalTo(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(pid, signal);
}
