// Fails when a test file that uses a Kafka broker did not run, or skipped something: without Java and Maven they all skip.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const files = execFileSync('git', ['grep', '-lE', 'describeWith(Own)?Kafka\\(', '--', '*.spec.ts'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n');
const faults = files.flatMap((file) => {
  const results = report.testResults.filter(({ name }) => name === resolve(file));
  const statuses = results.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const skipped = statuses.filter((status) => status === 'pending').length;
  if (skipped > 0) return [`${file}: ${skipped} tests skipped`];
  return statuses.includes('passed') ? [] : [`${file}: no test ran`];
});
for (const fault of faults) console.error(fault);
console.log(`${files.length - faults.length} of ${files.length} test files ran on a Kafka broker`);
process.exit(faults.length > 0 ? 1 : 0);
