// A service that logs and ends: run by a test in a process of its own. Arguments: how many predictions, and how it ends.
import { Plumbline } from '@plumbline/sdk';

const [count, ending] = process.argv.slice(2);
const plumbline = new Plumbline({ model: 'ending', flushIntervalMs: 60_000, exitTimeoutMs: 20_000, onError: () => {} });
for (let i = 0; i < Number(count); i++) plumbline.logPrediction({ features: { i } });
if (ending === 'throw') throw new Error('a service fails');
if (ending === 'exit') process.exit(0);
if (ending === 'kill') {
  // After what was logged in this turn of the event loop is with the operating system; then the process is gone without a word.
  setTimeout(() => process.stdout.write('logged\n'), 100);
  setTimeout(() => {}, 60_000);
}
