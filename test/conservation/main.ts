/**
 * The conservation harness: harms the service while events are sent to it, and judges afterwards that nothing was lost, nothing
 * counted twice, and everything decided and told as without faults.
 * Run: npm run test:conservation [-- --kills N --seed N --events N --topology standalone|distributed]
 */
import { Store } from '@plumbline/storage';
import { whyNoOwnBroker } from '../support/kafka-broker.js';
import { runDistributed } from './distributed-run.js';
import { judge } from './judge/judge.js';
import { judgeDamage } from './judge/judge-damage.js';
import { LimitedDisk } from './limited-disk.js';
import { NotificationReceiver } from './notification-receiver.js';
import { readOptions, type Topology } from './options.js';
import { Oracle } from './oracle.js';
import { Report } from './report.js';
import type { Run } from './run.js';
import { SeededRandom } from './seeded-random.js';
import { runStandalone } from './standalone-run.js';
import { Traffic, trafficModels } from './traffic.js';
import { runUndisturbed } from './undisturbed-run.js';

const HOUR_MS = 3_600_000;
/** Of event time. */
const HOURS = 8;
/** At least, of each model: enough for drift to be told from chance. */
const EVENTS_PER_HOUR = 200;
/** Between the last event and now: more than any clock jump, so that no event is ever in the future. */
const MARGIN_HOURS = 6;
const DATABASE = 'plumbline';

async function main(): Promise<boolean> {
  const { seed, kills, predictionsPerLife, topologies } = readOptions(process.argv.slice(2));
  const report = new Report();
  const skipped: string[] = [];
  const noBroker = topologies.includes('distributed') ? whyNoOwnBroker() : undefined;
  const possible = topologies.filter((topology) => topology === 'standalone' || noBroker === undefined);
  if (possible.length < topologies.length) skipped.push(`distributed: ${noBroker}`);
  for (const [index, topology] of possible.entries()) {
    // Together as many as asked.
    const share = Math.floor(kills / possible.length) + (index < kills % possible.length ? 1 : 0);
    report.phase(`${topology}, ${share} kills, seed ${seed}`);
    skipped.push(...(await harm(topology, { seed: seed + index, kills: share, predictionsPerLife, report })));
  }
  return report.print(seed, skipped);
}

/** Runs one topology from the first fault to the judgement. Returns why faults were left out. */
async function harm(
  topology: Topology,
  given: Pick<Run, 'seed' | 'kills' | 'predictionsPerLife' | 'report'>,
): Promise<string[]> {
  const { seed, kills, predictionsPerLife, report } = given;
  const eventsPerHour = Math.max(
    EVENTS_PER_HOUR,
    Math.ceil((kills * predictionsPerLife) / trafficModels.length / HOURS),
  );
  const startMs = (Math.floor(Date.now() / HOUR_MS) - HOURS - MARGIN_HOURS) * HOUR_MS;
  const oracle = new Oracle(new Traffic({ seed, startMs, hours: HOURS, eventsPerHour }), new SeededRandom(seed, 5));
  const receiver = await NotificationReceiver.start(new SeededRandom(seed, 6));
  const disk = LimitedDisk.create();
  const run: Run = { ...given, oracle, receiver, disk };
  try {
    if (topology === 'standalone') {
      const { dataDir, skipped } = await runStandalone(run);
      await judgeRun(run, () => Store.open({ dataDir, database: DATABASE }), []);
      await judgeDamage(dataDir, report);
      return skipped;
    }
    const rest = await runDistributed(run);
    try {
      const open = () => Store.open({ dataDir: disk.folder('judge'), url: rest.storeUrl, database: DATABASE });
      await judgeRun(run, open, rest.poison);
    } finally {
      await rest.stop();
    }
    return [];
  } catch (error) {
    // What the service left behind is the evidence, and the disk goes with the run.
    report.printFaults();
    report.phase(`the run ended early; its files are kept in ${disk.keep()}`);
    throw error;
  } finally {
    await receiver.stop();
    disk.remove();
  }
}

async function judgeRun(run: Run, open: () => Promise<Store>, poison: Parameters<typeof judge>[3]): Promise<void> {
  const { oracle, report, disk } = run;
  report.phase('the same data without faults');
  const undisturbed = await runUndisturbed(oracle, disk);
  report.phase('judging');
  // Only now: the embedded engine opens one folder at a time in a process.
  const store = await open();
  try {
    await judge(run, store, undisturbed, poison);
  } finally {
    await store.close();
  }
  report.count('predictions acknowledged', oracle.acknowledgedPredictions);
  report.count('labels acknowledged', oracle.acknowledgedLabels);
  report.count('acknowledged batches sent again', oracle.repetitions);
}

// Ends by way of the exit handlers, which end the processes and unmount the disk of the run.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

main().then(
  (passed) => process.exit(passed ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    console.log('0 passed, 1 failed');
    process.exit(1);
  },
);
