import type { ReportedAlert } from '@plumbline/contracts';
import { findingName } from '../finding-line.js';
import { formatNumber } from '../format-number.js';
import { Badge } from '../page/badge.js';
import { DataTable } from '../page/data-table.js';
import { Instant } from '../page/instant.js';
import { Panel } from '../page/panel.js';
import { SeverityBadge } from '../page/severity-badge.js';
import { LinkedName, Name, Sentence } from './user-text.js';

export interface AlertsSectionProps {
  readonly alerts: readonly ReportedAlert[];
  readonly moreAlerts: number;
  /** Page of an alert, where there is one. */
  readonly hrefOf?: (alertId: string) => string;
}

/** Alerts of the range, those that fire first. */
export function AlertsSection({ alerts, moreAlerts, hrefOf }: AlertsSectionProps) {
  return (
    <Panel title="Alerts" id="alerts">
      <DataTable
        caption="Alerts"
        captionHidden
        stack
        empty={<p class="muted">No alert fired in this time.</p>}
        columns={[
          {
            header: 'Alert',
            rowHeader: true,
            cell: (alert) => <LinkedName text={findingName(alert)} href={hrefOf?.(alert.alertId)} />,
          },
          {
            header: 'State',
            cell: ({ status, severity }) =>
              status === 'firing' ? <SeverityBadge severity={severity} /> : <Badge tone="ok">Resolved</Badge>,
          },
          { header: 'Version', cell: ({ version }) => <Name text={version} /> },
          { header: 'Monitor', narrow: 'hide', cell: ({ monitor }) => <Name text={monitor} /> },
          { header: 'Fired', cell: ({ firedAtMs }) => <Instant atMs={firedAtMs} /> },
          {
            header: 'Resolved',
            cell: ({ resolvedAtMs, resolvedBy }) =>
              resolvedAtMs === undefined ? (
                <span class="muted">still firing</span>
              ) : (
                <>
                  <Instant atMs={resolvedAtMs} />
                  {resolvedBy !== '' && (
                    <>
                      {' '}
                      by <Name text={resolvedBy} />
                    </>
                  )}
                </>
              ),
          },
          {
            header: 'Why',
            cell: ({ reason }) => (
              <span class="wide-cell">
                <Sentence text={reason} />
              </span>
            ),
          },
        ]}
        rows={alerts}
        rowKey={({ alertId }) => alertId}
      />
      {moreAlerts > 0 && <p class="note">and {formatNumber(moreAlerts)} more alerts</p>}
    </Panel>
  );
}
