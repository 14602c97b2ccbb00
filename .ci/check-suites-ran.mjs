// Fails when a test file that needs something beside npm did not run, or skipped something: without it they all skip.
// Arguments: the report of Jest; an extended regular expression that such files match; what they need, for the summary.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const [reportFile, pattern, need] = process.argv.slice(2);
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const files = execFileSync('git', ['grep', '-lE', pattern, '--', '*.spec.ts'], { encoding: 'utf8' }).trim().split('\n');
const faults = files.flatMap((file) => {
  const results = report.testResults.filter(({ name }) => name === resolve(file));
  const statuses = results.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const skipped = statuses.filter((status) => status === 'pending').length;
  if (skipped > 0) return [`${file}: ${skipped} tests skipped`];
  return statuses.includes('passed') ? [] : [`${file}: no test ran`];
});
for (const fault of faults) console.error(fault);
console.log(`${files.length - faults.length} of ${files.length} test files ran on ${need}`);
process.exit(faults.length > 0 ? 1 : 0);
