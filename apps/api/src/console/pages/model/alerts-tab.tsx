import { EmptyState, Panel } from '@plumbline/report';
import { AlertTable } from '../alerts/alert-table.js';
import type { AlertsTabData } from './read-alerts-tab.js';

const NOBODY = new Map<string, never>();

/** Alerts of a model: those that fire whenever they began, and those that fired in the range and are over. */
export function AlertsTab({ data }: { readonly data: AlertsTabData }) {
  const { open, resolved, moreResolved, acknowledged } = data;
  return (
    <>
      <Panel title={open.length === 0 ? 'No alert fires' : `${open.length} firing`}>
        <AlertTable
          caption="Alerts that fire"
          alerts={open}
          acknowledged={acknowledged}
          withModel={false}
          empty={<p>Nothing has moved further than chance explains, in the windows that were evaluated.</p>}
        />
      </Panel>
      <Panel
        title="Resolved"
        note={moreResolved ? 'There are more: narrow the time range to see the older ones.' : undefined}
      >
        <AlertTable
          caption="Alerts that fired in the time range and are over"
          alerts={resolved}
          acknowledged={NOBODY}
          withModel={false}
          empty={
            <EmptyState title="None in this range">
              No alert fired in the time range and was resolved since. Choose a longer range above to look further back.
            </EmptyState>
          }
        />
      </Panel>
    </>
  );
}
