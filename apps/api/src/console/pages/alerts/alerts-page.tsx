import { DataTable, EmptyState, Instant, Notice, Pager, Panel, plain, ViewerContext } from '@plumbline/report';
import type { Silence } from '@plumbline/contracts';
import { useContext } from 'preact/hooks';
import { ActionForm } from '../../action-form.js';
import { withQuery } from '../../paths.js';
import type { Visit } from '../../visit.js';
import { clockText } from '../page-filters.js';
import { type AlertFilters, alertQuery } from './alert-filters.js';
import { AlertTable } from './alert-table.js';
import { type AlertsPageData, MAX_OPEN } from './read-alerts-page.js';

export interface AlertsPageProps {
  readonly visit: Visit;
  readonly filters: AlertFilters;
  readonly data: AlertsPageData;
}

const NO_ALERTS = new Map();

/** All alerts of the project: those that fire first, then what is over, and what is silenced. */
export function AlertsPage({ visit, filters, data }: AlertsPageProps) {
  const { open, moreOpen, resolved, next, acknowledged, silences } = data;
  const narrowed = Object.keys(alertQuery({ ...filters, before: undefined })).length > 0;
  return (
    <>
      <AlertFilterForm filters={filters} />
      {open !== undefined && (
        <Panel
          title={open.length === 0 ? 'No alert fires' : `${moreOpen ? `More than ${MAX_OPEN}` : open.length} firing`}
        >
          {moreOpen && (
            <Notice tone="info">The worst {MAX_OPEN} are shown, newest first: narrow the list to see others.</Notice>
          )}
          <AlertTable
            caption="Alerts that fire"
            alerts={open}
            acknowledged={acknowledged}
            withModel={filters.model === undefined}
            empty={<NothingFires narrowed={narrowed} />}
          />
        </Panel>
      )}
      {resolved !== undefined && (
        <Panel title="Resolved">
          <AlertTable
            caption="Alerts that are over"
            alerts={resolved}
            acknowledged={NO_ALERTS}
            withModel={filters.model === undefined}
            empty={
              narrowed
                ? 'No resolved alert fits the filters.'
                : 'No alert has ever been resolved here: nothing has fired yet, or it still does.'
            }
          />
          <Pager
            previous={
              filters.before === undefined
                ? undefined
                : withQuery('/alerts', alertQuery({ ...filters, before: undefined }))
            }
            next={next && withQuery('/alerts', alertQuery({ ...filters, before: next }))}
            position={`${resolved.length} resolved alerts, those that fired last first`}
          />
        </Panel>
      )}
      {silences.length > 0 && filters.before === undefined && <Silences visit={visit} silences={silences} />}
    </>
  );
}

function NothingFires({ narrowed }: { readonly narrowed: boolean }) {
  if (narrowed)
    return (
      <>
        No firing alert fits the filters. <a href="/alerts">Show all</a>
      </>
    );
  return (
    <EmptyState title="All quiet">
      Nothing has moved further than chance explains, in the windows that were evaluated. <a href="/">The models</a> say
      when that was.
    </EmptyState>
  );
}

function AlertFilterForm({ filters }: { readonly filters: AlertFilters }) {
  return (
    <form method="get" action="/alerts" class="filters" role="search" aria-label="Narrow the list">
      <ChoiceFilter
        name="state"
        label="State"
        any="Open and resolved"
        choices={['firing', 'resolved']}
        value={filters.state}
      />
      <ChoiceFilter
        name="severity"
        label="Severity"
        any="Any"
        choices={['critical', 'warning']}
        value={filters.severity}
      />
      <TextFilter name="model" label="Model" value={filters.model} />
      <TextFilter name="monitor" label="Monitor" value={filters.monitor} />
      <DayFilter name="from" label="Fired after" valueMs={filters.fromMs} />
      <DayFilter name="to" label="Fired until" valueMs={filters.toMs} />
      <button type="submit">Apply</button>
    </form>
  );
}

function ChoiceFilter({
  name,
  label,
  any,
  choices,
  value,
}: {
  readonly name: string;
  readonly label: string;
  /** What stands for no choice. */
  readonly any: string;
  readonly choices: readonly string[];
  readonly value: string | undefined;
}) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        <option value="">{any}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice} selected={value === choice}>
            {choice[0]!.toUpperCase() + choice.slice(1)}
          </option>
        ))}
      </select>
    </div>
  );
}

function TextFilter({
  name,
  label,
  value,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
}) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type="text"
        value={value}
        placeholder="any"
        maxLength={128}
        spellcheck={false}
        autocomplete="off"
      />
    </div>
  );
}

function DayFilter({
  name,
  label,
  valueMs,
}: {
  readonly name: string;
  readonly label: string;
  readonly valueMs: number | undefined;
}) {
  const { zone } = useContext(ViewerContext);
  const value = valueMs === undefined ? undefined : clockText(valueMs, zone);
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input id={name} name={name} type="datetime-local" value={value} />
    </div>
  );
}

function Silences({ visit, silences }: { readonly visit: Visit; readonly silences: readonly Silence[] }) {
  const end = {
    header: 'End',
    cell: ({ silenceId }: Silence) => (
      <ActionForm visit={visit} action={`/silences/${encodeURIComponent(silenceId)}/expire`}>
        <button type="submit">End now</button>
      </ActionForm>
    ),
  };
  return (
    <Panel
      title="Silences"
      id="silences"
      note="Alerts that match are not told of while a silence lasts. What still fires then is told when it ends."
    >
      <DataTable
        caption="Silences in force or to come"
        captionHidden
        rows={silences}
        rowKey={({ silenceId }) => silenceId}
        stack
        columns={[
          {
            header: 'Alerts',
            rowHeader: true,
            cell: ({ matchers }) => matchers.map((matcher) => <div key={matcher}>{plain(matcher)}</div>),
          },
          { header: 'Why', cell: ({ comment }) => plain(comment) },
          { header: 'By', cell: ({ author }) => plain(author, 60) },
          { header: 'From', cell: ({ startsAtMs }) => <Instant atMs={startsAtMs} />, narrow: 'hide' },
          { header: 'Until', cell: ({ endsAtMs }) => <Instant atMs={endsAtMs} /> },
          ...(visit.canAct ? [end] : []),
        ]}
      />
    </Panel>
  );
}
