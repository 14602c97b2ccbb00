import { findingName, plain } from '@plumbline/report';
import type { Alert } from '@plumbline/storage';

/** Returns what an alert is called: "income in country=DE of loans". */
export function alertTitle(alert: Pick<Alert, 'model' | 'feature' | 'segment' | 'method'>): string {
  return `${findingName(alert)} of ${plain(alert.model)}`;
}
