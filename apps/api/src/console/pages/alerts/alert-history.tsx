import { isNotifiable, type AlertActionKind, type Transition } from '@plumbline/contracts';
import { DataTable, formatValue, Instant, Panel, plain, plainSentence } from '@plumbline/report';
import type { AlertPageData } from './read-alert-page.js';

interface HistoryRow {
  readonly id: string;
  readonly atMs: number;
  readonly what: string;
  readonly by: string;
  readonly detail: string;
  /** Of the window that it was decided on; undefined for what people did. */
  readonly windowEndMs: number | undefined;
}

const ACTIONS: Readonly<Record<AlertActionKind, string>> = {
  acknowledge: 'Acknowledged',
  unacknowledge: 'Acknowledgement taken back',
  resolve: 'Ended by hand',
  note: 'Note',
};

/** What windows decided and what people did, the newest first. */
export function AlertHistory({ data: { history, actions } }: { readonly data: AlertPageData }) {
  const rows = [
    ...history.map((transition): HistoryRow => ({
      id: transition.transitionId,
      atMs: transition.decidedAtMs,
      what: changeInWords(transition),
      by: transition.resolvedBy === '' ? '' : transition.resolvedBy,
      detail: transition.reason,
      windowEndMs: transition.windowEndMs,
    })),
    ...actions
      // What ended the alert stands there as a decision already.
      .filter(({ action }) => action !== 'resolve' || !history.some(({ resolvedBy }) => resolvedBy !== ''))
      .map(({ actionId, action, author, note, atMs }): HistoryRow => ({
        id: actionId,
        atMs,
        what: ACTIONS[action],
        by: author,
        detail: note,
        windowEndMs: undefined,
      })),
  ].sort((left, right) => right.atMs - left.atMs);
  return (
    <Panel title="History">
      <DataTable
        caption="What happened to the alert, the newest first"
        captionHidden
        rows={rows}
        rowKey={({ id }) => id}
        stack
        columns={[
          { header: 'Decided', cell: ({ atMs }) => <Instant atMs={atMs} form="second" /> },
          { header: 'What', rowHeader: true, cell: ({ what }) => what },
          { header: 'By', cell: ({ by }) => (by === '' ? 'the window' : plain(by, 100)) },
          { header: 'Detail', cell: ({ detail }) => plainSentence(detail, 2_000) },
          {
            header: 'Window until',
            narrow: 'hide',
            cell: ({ windowEndMs }) => (windowEndMs === undefined ? '' : <Instant atMs={windowEndMs} />),
          },
        ]}
      />
    </Panel>
  );
}

function changeInWords(transition: Transition): string {
  const { from, to, severity, method, value, revision } = transition;
  const measured = Number.isNaN(value) ? '' : ` (${formatValue(method, value)})`;
  const late = revision > 0 ? ', after late data' : '';
  if (to === 'inactive') return `Resolved${late}`;
  if (to === 'recovering') return `Recovering${measured}${late}`;
  if (to === 'pending') return `Pending${measured}${late}`;
  if (to !== 'firing') return `${to.replaceAll('_', ' ')}${late}`;
  const fires = from === 'recovering' ? 'Fires again' : isNotifiable(transition) ? 'Fired' : 'Changed';
  return `${fires}, ${severity}${measured}${late}`;
}
