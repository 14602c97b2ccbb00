import { setTimeout as delay } from 'node:timers/promises';
import { declare } from './declare.js';
import { ANSWERED, HttpSender } from './http-sender.js';
import { FailpointDeck } from './failpoint-deck.js';
import { Load, settleAll } from './load.js';
import { MovableClock } from './movable-clock.js';
import { checkCounters, checkIntakeCounters, repairOpenWindows, repetitions } from './rest.js';
import { PROGRESS_EVERY, type Run } from './run.js';
import { SeededRandom } from './seeded-random.js';
import { ServiceProcess } from './service-process.js';
import { readMetrics } from './service-client.js';
import { serviceSettings } from './service-settings.js';
import { evaluated, notified } from './settled.js';
import { type Life, patience, planLives, standaloneFailpoints } from './standalone-plan.js';

/**
 * Harms a standalone server for as many kills as asked, then lets it come to rest: everything sent and acknowledged, every window
 * evaluated, everybody told. Returns the folder of its data, and why faults were left out.
 */
export async function runStandalone(run: Run): Promise<{ dataDir: string; skipped: string[] }> {
  const { oracle, receiver, report, disk, seed } = run;
  const dataDir = disk.folder('data');
  const clock = MovableClock.create(disk.path);
  const skipped = [disk.unlimited, clock === undefined ? 'clock jump: libfaketime is not installed' : undefined];
  const server = await ServiceProcess.create(
    'standalone',
    'standalone',
    { PLUMBLINE_DATA_DIR: dataDir, ...serviceSettings },
    (what, log) => report.violation(`${what}:\n${log.split('\n').slice(-12).join('\n')}`),
  );
  const sender = new HttpSender(oracle, report, () => server.url);
  await server.start();
  await declare(server.url, oracle.traffic, receiver.url);
  await server.end('SIGTERM');

  report.phase('faults begin');
  const random = new SeededRandom(seed, 10);
  const deck = new FailpointDeck(
    standaloneFailpoints.map(([point]) => point),
    random,
  );
  const lives = planLives(random, deck);
  let kills = 0;
  for (let number = 0; kills < run.kills; number++) {
    const life = lives.next().value;
    const limit = run.predictionsPerLife * (number + 1);
    if (!(await live(life, number, limit))) continue;
    kills++;
    if (kills % PROGRESS_EVERY === 0) report.phase(`${kills} kills`);
  }

  report.phase('faults are over: what was not acknowledged is sent again');
  report.fault('quiet from here on');
  await server.start();
  await settleAll(sender, () => oracle.takeRest(), [seed, 12]);
  await settleAll(sender, repetitions(oracle, 20), [seed, 13]);
  await checkCounters([server.url], report);
  await checkIntakeCounters(server.url, report);
  report.phase('waiting until everything is evaluated and everybody told');
  await evaluated([server.url]);
  await notified(server.url, receiver);
  await repairOpenWindows(server.url);
  const code = await server.end('SIGTERM');
  report.check('the server that came to rest stopped with exit code 0', code === 0 ? [] : [`exit code ${code}`]);
  return { dataDir, skipped: skipped.filter((reason) => reason !== undefined) };

  /** One life of the server; whether it ended by a kill. */
  async function live(life: Life, number: number, limit: number): Promise<boolean> {
    const { end } = life;
    const moved = life.clock !== undefined && clock !== undefined ? life.clock : undefined;
    clock?.set(moved?.startSeconds ?? 0);
    const failpoint = end.kind === 'failpoint' ? `kill:${end.times}:${end.point}` : undefined;
    const up = await server.start({ failpoint, env: moved === undefined ? undefined : clock?.env });
    report.count('starts');
    const load = new Load(sender, () => oracle.take(limit), [seed, 11, number]);
    const disturbances = up ? disturb(life, moved) : [];
    let killed = true;
    if (end.kind === 'failpoint') {
      if (await goneInTime()) {
        deck.hit(end.point);
        report.fault(`life ${number} ended at "${end.point}", pass ${end.times}`);
        report.count(`SIGKILL ${meaningOf(end.point)}: ${end.point}`);
        report.count('SIGKILL at a failpoint');
      } else {
        await kill();
      }
    } else {
      await server.gone(end.afterMs);
      if (end.kind === 'kill') await kill();
      else killed = await terminate();
    }
    await Promise.all(disturbances);
    await load.stop();
    return killed;

    /** Gives the service the chance to pass its failpoint, however slow the machine is. */
    async function goneInTime(): Promise<boolean> {
      const enough = report.countOf(ANSWERED) + patience.requests;
      const deadline = Date.now() + patience.atMostMs;
      while (Date.now() < deadline) {
        if (await server.gone(100)) return true;
        if (report.countOf(ANSWERED) < enough) continue;
        const ticks = await readMetrics(server.url).then(
          (metric) => metric('plumbline_evaluation_duration_seconds_count'),
          () => 0,
        );
        if (ticks >= patience.ticks) return server.gone(100);
      }
      return !server.alive;
    }

    async function kill(): Promise<void> {
      await server.end('SIGKILL');
      report.fault(`life ${number} ended by SIGKILL`);
      report.count('SIGKILL at random');
    }

    async function terminate(): Promise<boolean> {
      // A disk that is full at the end would keep the last batches from being stored, and the drain from ending.
      await Promise.all(disturbances);
      const code = await server.end('SIGTERM');
      report.fault(`life ${number} ended by SIGTERM`);
      report.count('SIGTERM');
      if (code !== 0) report.violation(`SIGTERM: exit code ${code}:\n${server.log.slice(-2_000)}`);
      return false;
    }
  }

  function disturb({ freeze, diskFull }: Life, moved: Life['clock']): Promise<void>[] {
    const disturbances: Promise<void>[] = [];
    if (freeze !== undefined) disturbances.push(frozen(freeze.afterMs, freeze.forMs));
    if (diskFull !== undefined && disk.unlimited === undefined)
      disturbances.push(full(diskFull.afterMs, diskFull.forMs));
    if (moved !== undefined) disturbances.push(jump(moved.afterMs, moved.startSeconds + moved.jumpSeconds));
    return disturbances;
  }

  async function frozen(afterMs: number, forMs: number): Promise<void> {
    await delay(afterMs);
    if (!server.alive) return;
    server.freeze();
    report.fault(`SIGSTOP for ${forMs} ms`);
    report.count('SIGSTOP');
    await delay(forMs);
    server.thaw();
  }

  async function full(afterMs: number, forMs: number): Promise<void> {
    await delay(afterMs);
    if (!server.alive) return;
    disk.fill();
    report.fault(`disk full for ${forMs} ms`);
    report.count('disk full');
    await delay(forMs);
    disk.free();
  }

  async function jump(afterMs: number, seconds: number): Promise<void> {
    await delay(afterMs);
    if (!server.alive) return;
    clock?.set(seconds);
    report.fault(`clock set to ${seconds} s from the true time`);
    report.count('clock jump');
  }
}

function meaningOf(point: string): string {
  return standaloneFailpoints.find(([name]) => name === point)![1];
}
