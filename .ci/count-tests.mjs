// Prints "passed failed skipped" of a Jest report. A test file that could not run counts as one failure.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
console.log(report.numPassedTests, report.numFailedTests + report.numRuntimeErrorTestSuites, skipped);
