// Writes the conformance report into docs/statistics.md. Run: npm run docs:conformance
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withConformanceReport } from './conformance-report.js';
import { measureConformance, readGolden } from './measure-conformance.js';

const path = join(import.meta.dirname, '../../docs/statistics.md');
const golden = readGolden();
const measured = measureConformance(golden);
writeFileSync(path, withConformanceReport(readFileSync(path, 'utf8'), golden, measured));
