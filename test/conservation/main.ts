/**
 * The conservation harness: harms the service while events are sent to it, and judges afterwards that nothing was lost, nothing
 * counted twice, and everything decided and told as without faults. Run: npm run test:conservation [-- --kills N --seed N]
 */
import { Store } from '@plumbline/storage';
import { HttpSender } from './http-sender.js';
import { judgeAlerts } from './judge/judge-alerts.js';
import { judgeCells } from './judge/judge-cells.js';
import { judgeDeadLetters } from './judge/judge-dead-letters.js';
import { judgeLabels } from './judge/judge-labels.js';
import { judgeNotifications, judgeRetraining } from './judge/judge-notifications.js';
import { judgePredictions } from './judge/judge-predictions.js';
import { LimitedDisk } from './limited-disk.js';
import { NotificationReceiver } from './notification-receiver.js';
import { readOptions } from './options.js';
import { Oracle } from './oracle.js';
import { Report } from './report.js';
import { SeededRandom } from './seeded-random.js';
import { runStandalone } from './standalone-run.js';
import { Traffic, trafficModels } from './traffic.js';
import { runUndisturbed } from './undisturbed-run.js';

const HOUR_MS = 3_600_000;
/** Of event time. */
const HOURS = 48;
/** Between the last event and now: more than any clock jump, so that no event is ever in the future. */
const MARGIN_HOURS = 6;

async function main(): Promise<boolean> {
  const { seed, kills, predictionsPerLife } = readOptions(process.argv.slice(2));
  console.log(`seed ${seed}, ${kills} kills`);
  const report = new Report();
  const eventsPerHour = Math.max(60, Math.ceil((kills * predictionsPerLife) / trafficModels.length / HOURS));
  const startMs = (Math.floor(Date.now() / HOUR_MS) - HOURS - MARGIN_HOURS) * HOUR_MS;
  const traffic = new Traffic({ seed, startMs, hours: HOURS, eventsPerHour });
  const oracle = new Oracle(traffic, new SeededRandom(seed, 5));
  const sender = new HttpSender(oracle, report);
  const receiver = await NotificationReceiver.start(new SeededRandom(seed, 6));
  const disk = LimitedDisk.create();
  try {
    const run = { seed, kills, predictionsPerLife, oracle, sender, receiver, report, disk };
    const { dataDir, skipped } = await runStandalone(run);
    report.phase('the same data without faults');
    const undisturbed = await runUndisturbed(oracle, disk);
    report.phase('judging');
    const store = await Store.open({ dataDir, database: 'plumbline' });
    try {
      await judgePredictions(store, oracle, report);
      await judgeLabels(store, oracle, report);
      await judgeDeadLetters(store, report);
      await judgeCells(store, oracle, report);
      await judgeAlerts(store, undisturbed, report);
      await judgeNotifications(store, receiver.notifications, report);
      await judgeRetraining(store, receiver.retrainings, report);
    } finally {
      await store.close();
    }
    report.count('predictions acknowledged', oracle.acknowledgedPredictions);
    report.count('labels acknowledged', oracle.acknowledgedLabels);
    report.count('acknowledged batches sent again', oracle.repetitions);
    return report.print(seed, skipped);
  } finally {
    await receiver.stop();
    disk.remove();
  }
}

main().then(
  (passed) => process.exit(passed ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    console.log('0 passed, 1 failed');
    process.exit(1);
  },
);
