export { buildAlertReport } from './build-alert-report.js';
export type { AlertReportInput } from './report-input.js';
export { describeMeasurement } from './describe-measurement.js';
export type { ReportedMeasurement } from './report-input.js';
export { shift, shortNumber, shortPercent } from './short-numbers.js';
