import {
  Ago,
  Badge,
  type Column,
  DataTable,
  findingName,
  Instant,
  plain,
  plainSentence,
  SeverityBadge,
} from '@plumbline/report';
import type { Acknowledgement, Alert } from '@plumbline/storage';
import type { ComponentChildren } from 'preact';
import { alertPath, modelPath } from '../../paths.js';

export interface AlertTableProps {
  readonly caption: string;
  readonly alerts: readonly Alert[];
  /** By alert id. */
  readonly acknowledged: ReadonlyMap<string, Acknowledgement>;
  /** Left out where all are of one model. */
  readonly withModel: boolean;
  readonly empty: ComponentChildren;
}

/** Alerts, each with what, since when and why. */
export function AlertTable({ caption, alerts, acknowledged, withModel, empty }: AlertTableProps) {
  const columns: Column<Alert>[] = [
    { header: 'State', cell: (alert) => <AlertState alert={alert} acknowledged={acknowledged.get(alert.alertId)} /> },
    {
      header: 'Alert',
      rowHeader: true,
      cell: (alert) => <a href={alertPath(alert.alertId)}>{findingName(alert)}</a>,
    },
    {
      header: 'Model',
      cell: ({ model, version }) =>
        withModel ? (
          <>
            <a href={modelPath(model)}>{model}</a> <span class="muted">{version}</span>
          </>
        ) : (
          version
        ),
    },
    { header: 'Why', cell: ({ reason }) => plainSentence(reason, 200) },
    { header: 'Monitor', cell: ({ monitor }) => monitor, narrow: 'hide' },
    { header: 'Fired', cell: ({ firedAtMs }) => <Instant atMs={firedAtMs} /> },
  ];
  const named = withModel
    ? columns
    : columns.map((each) => (each.header === 'Model' ? { ...each, header: 'Version' } : each));
  return (
    <DataTable
      caption={caption}
      captionHidden
      columns={named}
      rows={alerts}
      rowKey={({ alertId }) => alertId}
      empty={empty}
      stack
    />
  );
}

/** How an alert stands: its severity while it fires, and who works on it. */
export function AlertState({
  alert,
  acknowledged,
}: {
  readonly alert: Alert;
  readonly acknowledged: Acknowledgement | undefined;
}) {
  if (alert.status === 'resolved') {
    return (
      <>
        <Badge tone="ok">Resolved</Badge>
        {alert.resolvedBy !== '' && <div class="muted">by {plain(alert.resolvedBy, 60)}</div>}
      </>
    );
  }
  return (
    <>
      <SeverityBadge severity={alert.severity} />
      {acknowledged !== undefined && (
        <div class="muted">
          acknowledged by {plain(acknowledged.by, 60)}, <Ago atMs={acknowledged.atMs} />
        </div>
      )}
    </>
  );
}
