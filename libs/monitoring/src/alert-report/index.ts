export { buildAlertReport } from './build-alert-report.js';
export type { AlertReportInput } from './report-input.js';
