import {
  Ago,
  Badge,
  CodeBlock,
  type Column,
  DataTable,
  EmptyState,
  formatNumber,
  formatValue,
  methodName,
  Pager,
  severityTone,
  severityWord,
  Sparkline,
  type Tone,
} from '@plumbline/report';
import { modelPath, withQuery } from '../paths.js';
import { renderPage } from '../render-page.js';
import type { Visit } from '../visit.js';
import { FLEET_STATES, type ListedState } from './fleet-state.js';
import { mainMetric } from './main-metric.js';
import { type Fleet, FLEET_PAGE_SIZE, type FleetFilter, type FleetRow } from './read-fleet.js';

/** Returns the page of all models. @param serverUrl how this server is reached, for the lines to copy */
export function renderFleetPage(visit: Visit, fleet: Fleet, filter: FleetFilter, serverUrl: string): string {
  const body =
    fleet.total === 0 ? (
      <FirstPrediction serverUrl={serverUrl} signedIn={visit.signedIn} />
    ) : (
      <Models fleet={fleet} filter={filter} />
    );
  return renderPage(visit, { title: 'Models', section: 'models' }, body);
}

function Models({ fleet, filter }: { readonly fleet: Fleet; readonly filter: FleetFilter }) {
  const { search, state } = filter;
  const first = (fleet.page - 1) * FLEET_PAGE_SIZE + 1;
  const last = first + fleet.rows.length - 1;
  const page = (number: number): string =>
    withQuery('/', { q: search, state, page: number === 1 ? undefined : number });
  return (
    <>
      <States fleet={fleet} filter={filter} />
      <form method="get" action="/" class="filters" role="search">
        <div class="field">
          <label for="q">Search models</label>
          <input id="q" name="q" type="search" value={search} placeholder="Part of a name" aria-keyshortcuts="/" />
        </div>
        {state !== undefined && <input type="hidden" name="state" value={state} />}
        <button type="submit">Search</button>
        {(search !== '' || state !== undefined) && (
          <a class="button" href="/">
            Show all
          </a>
        )}
      </form>
      <div class="panel">
        <DataTable
          caption={`Models, worst first: ${fleet.found === 0 ? 'none' : `${formatNumber(first)} to ${formatNumber(last)} of ${formatNumber(fleet.found)}`}`}
          captionHidden
          stack
          columns={COLUMNS}
          rows={fleet.rows}
          rowKey={({ model }) => model}
          empty={
            <EmptyState title="No model is like that">
              <p>
                {search === '' ? (
                  'No model is in this state.'
                ) : (
                  <>
                    No model has “{search}” in its name{state !== undefined && ' and is in this state'}.
                  </>
                )}{' '}
                <a href="/">Show all models</a>
              </p>
            </EmptyState>
          }
        />
        <Pager
          previous={fleet.page > 1 ? page(fleet.page - 1) : undefined}
          next={fleet.page < fleet.pages ? page(fleet.page + 1) : undefined}
          position={`${formatNumber(first)}–${formatNumber(last)} of ${formatNumber(fleet.found)} models`}
        />
      </div>
    </>
  );
}

/** How many models are in each state; each is a filter. */
function States({ fleet, filter }: { readonly fleet: Fleet; readonly filter: FleetFilter }) {
  const { search, state: current } = filter;
  const all = [...fleet.counts.values()].reduce((sum, count) => sum + count, 0);
  return (
    <nav aria-label="Models by state">
      <ul class="chips">
        <li>
          <a
            class="chip"
            href={withQuery('/', { q: search })}
            aria-current={current === undefined ? 'true' : undefined}
          >
            All <b>{formatNumber(all)}</b>
          </a>
        </li>
        {FLEET_STATES.filter((state) => fleet.counts.has(state) || state === current).map((state) => (
          <li key={state}>
            <a
              class="chip"
              href={withQuery('/', { q: search, state })}
              aria-current={current === state ? 'true' : undefined}
            >
              <StateBadge state={state} /> <b>{formatNumber(fleet.counts.get(state) ?? 0)}</b>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function StateBadge({ state }: { readonly state: ListedState }) {
  return <Badge tone={toneOf(state)}>{state === 'new' ? 'Not evaluated yet' : severityWord(state)}</Badge>;
}

function toneOf(state: ListedState): Tone {
  return state === 'new' ? 'neutral' : severityTone(state);
}

const COLUMNS: readonly Column<FleetRow>[] = [
  { header: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { header: 'Model', rowHeader: true, cell: ({ model }) => <a href={modelPath(model)}>{model}</a> },
  {
    header: 'Alerts firing',
    numeric: true,
    cell: ({ model, firing }) => (firing === 0 ? '0' : <a href={modelPath(model, 'alerts')}>{formatNumber(firing)}</a>),
  },
  {
    header: 'Features drifted',
    numeric: true,
    cell: ({ driftedFeatures, measuredFeatures }) =>
      measuredFeatures === 0 ? '–' : `${formatNumber(driftedFeatures)} of ${formatNumber(measuredFeatures)}`,
  },
  { header: 'Performance', cell: (row) => <Performance row={row} /> },
  { header: 'Predictions, 24 h', numeric: true, cell: ({ predictions }) => formatNumber(Math.round(predictions)) },
  {
    header: 'Last evaluation',
    cell: ({ evaluatedAtMs }) => (evaluatedAtMs === 0 ? 'never' : <Ago atMs={evaluatedAtMs} />),
  },
];

function Performance({ row }: { readonly row: FleetRow }) {
  const metric = mainMetric(row.performance);
  if (metric === undefined) return <span class="muted">no labels yet</span>;
  const now = metric.values.findLast(Number.isFinite)!;
  return (
    <span class="row">
      <Sparkline values={metric.values} label="" tone={severityTone(metric.severity)} />
      <span>
        {methodName(metric.metric)} <b>{formatValue(metric.metric, now)}</b>
      </span>
    </span>
  );
}

function FirstPrediction({ serverUrl, signedIn }: { readonly serverUrl: string; readonly signedIn: boolean }) {
  const key = signedIn ? ', api_key="YOUR-KEY"' : '';
  const header = signedIn ? ` -H 'authorization: Bearer YOUR-KEY'` : '';
  return (
    <div class="panel stacked">
      <EmptyState title="No model yet">
        <p>
          A model appears here with its first prediction. Log one from your service; with Python it is five lines, and
          they never block it:
        </p>
      </EmptyState>
      <CodeBlock
        label="Python"
        code={`from plumbline import Plumbline
with Plumbline(url="${serverUrl}", model="loans"${key}) as plumbline:
    id_ = plumbline.log_prediction(features={"age": 41, "country": "DE"}, prediction={"label": 1, "score": 0.71})
    # weeks later, by whoever knows:
    plumbline.log_label(prediction_id=id_, label=0)`}
      />
      <p>Or with curl:</p>
      <CodeBlock
        label="curl"
        code={`curl ${serverUrl}/v1/predictions -H 'content-type: application/json'${header} -d '{
  "model": "loans", "features": {"age": 41, "country": "DE"}, "prediction_id": "first-1",
  "prediction": {"label": 1, "score": 0.71} }'`}
      />
      <p class="muted">
        Then load this page again. To see a model with a past instead, run <code>npm run demo -- --keep</code>. What
        else the server takes: <a href="/docs">API</a>.
      </p>
    </div>
  );
}
