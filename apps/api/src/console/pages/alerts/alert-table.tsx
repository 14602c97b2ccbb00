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
    {
      header: 'Alert',
      rowHeader: true,
      cell: (alert) => <a href={alertPath(alert.alertId)}>{findingName(alert)}</a>,
    },
    { header: 'State', cell: (alert) => <AlertState alert={alert} acknowledged={acknowledged.get(alert.alertId)} /> },
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
    { header: 'Why', cell: (alert) => <Why alert={alert} /> },
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

/** Why it fired, and how it ended where it is over. */
function Why({ alert: { status, reason, firedBecause } }: { readonly alert: Alert }) {
  return (
    <div class="wide-cell">
      {plainSentence(firedBecause, 200)}
      {status === 'resolved' && <div class="muted">Over: {plainSentence(reason, 200)}</div>}
    </div>
  );
}

/** The severity of an alert while it fires, and that it is over. */
export function AlertBadge({ alert: { status, severity } }: { readonly alert: Alert }) {
  return status === 'resolved' ? <Badge tone="ok">Resolved</Badge> : <SeverityBadge severity={severity} />;
}

/** How an alert stands, and who works on it or ended it. */
export function AlertState({
  alert,
  acknowledged,
}: {
  readonly alert: Alert;
  readonly acknowledged: Acknowledgement | undefined;
}) {
  const { status, resolvedBy } = alert;
  return (
    <>
      <AlertBadge alert={alert} />
      {resolvedBy !== '' && <div class="muted">by {plain(resolvedBy, 60)}</div>}
      {status === 'firing' && acknowledged !== undefined && (
        <div class="muted">
          acknowledged by {plain(acknowledged.by, 60)}, <Ago atMs={acknowledged.atMs} />
        </div>
      )}
    </>
  );
}
