import type { Monitor, MonitorDeclaration, RetrainingPolicy } from '@plumbline/contracts';
import {
  Badge,
  CodeBlock,
  DataTable,
  EmptyState,
  Facts,
  formatNumber,
  formatPercent,
  formatThreshold,
  Instant,
  methodName,
  Panel,
  plain,
} from '@plumbline/report';
import { featurePath } from '../../paths.js';
import type { ModelConfiguration } from './read-configuration.js';

/** Features that are listed; the API lists all. */
const MAX_FEATURES = 500;

/** How a model is watched: declaration, monitors with their bounds, references, features, policies. */
export function ConfigurationTab({ configuration }: { readonly configuration: ModelConfiguration }) {
  return (
    <>
      <Declaration configuration={configuration} />
      <Monitors configuration={configuration} />
      <References configuration={configuration} />
      <Features configuration={configuration} />
      <Policies policies={configuration.policies} />
    </>
  );
}

function Declaration({ configuration: { model, monitors } }: { readonly configuration: ModelConfiguration }) {
  const { declaration, origin, updatedAtMs, updatedBy } = model;
  const { task, positive_class: positive, windows, reference, false_alarms_per_month: alarms, segments } = declaration;
  return (
    <Panel
      title="Model"
      note={
        origin === 'inferred'
          ? 'Registered by its first prediction; nobody has declared anything, so everything has its default.'
          : undefined
      }
    >
      <Facts
        facts={[
          { term: 'Task', value: task ?? 'not known yet: inferred from the first predictions' },
          ...(positive === undefined ? [] : [{ term: 'Positive class', value: plain(String(positive)) }]),
          { term: 'Windows', value: `every ${windows.every}, closed ${windows.settle} after their end` },
          { term: 'Compared with', value: reference === undefined ? 'the uploaded reference' : reference.kind },
          { term: 'False alarms to expect', value: `${formatNumber(alarms)} in 30 days` },
          { term: 'Labels are waited for', value: declaration.labels?.horizon ?? '30d' },
          {
            term: 'Segments',
            value: segments.length === 0 ? 'none' : segments.map(({ name }) => plain(name, 60)).join(', '),
          },
          { term: 'Monitors', value: `${monitors.filter((each) => each.declaration.enabled).length} enabled` },
          {
            term: 'Last changed',
            value: (
              <>
                <Instant atMs={updatedAtMs} /> by {plain(updatedBy, 60)}
              </>
            ),
          },
        ]}
      />
      <Details summary="The whole declaration" label="Declaration of the model" value={declaration} />
    </Panel>
  );
}

function Monitors({ configuration: { model, monitors } }: { readonly configuration: ModelConfiguration }) {
  return (
    <Panel title="Monitors" id="monitors">
      <DataTable
        caption="Monitors of the model"
        captionHidden
        rows={monitors}
        rowKey={({ monitor }) => monitor}
        stack
        empty={
          <EmptyState title="No monitor" command="plumbline apply -f model.yaml">
            Nothing is watched: the default monitors are switched off, and none is declared. Declare one in a file:
          </EmptyState>
        }
        columns={[
          { header: 'Monitor', rowHeader: true, cell: ({ monitor }) => monitor },
          { header: 'Watches', cell: ({ declaration }) => whatIsWatched(declaration) },
          {
            header: 'State',
            cell: ({ declaration: { enabled }, origin }) => (
              <>
                <Badge tone={enabled ? 'ok' : 'neutral'}>{enabled ? 'Enabled' : 'Disabled'}</Badge>{' '}
                <span class="muted">{origin}</span>
              </>
            ),
          },
          { header: 'Bounds', cell: ({ declaration }) => <Bounds declaration={declaration} /> },
          {
            header: 'Window',
            cell: ({ declaration }) => `every ${declaration.windows?.every ?? model.declaration.windows.every}`,
          },
          { header: 'Fires after', cell: (monitor) => patienceOf(monitor) },
        ]}
      />
      {monitors.length > 0 && (
        <Details
          summary="All settings of the monitors"
          label="Settings of the monitors"
          value={Object.fromEntries(monitors.map(({ monitor, declaration }) => [monitor, declaration]))}
        />
      )}
    </Panel>
  );
}

const DETECTORS: Readonly<Record<MonitorDeclaration['detector'], string>> = {
  feature_drift: 'drift of features',
  prediction_drift: 'drift of predictions',
  data_quality: 'quality of the data',
  performance: 'performance by labels',
  traffic: 'traffic, errors and latency',
};

function whatIsWatched(declaration: MonitorDeclaration): string {
  const { detector, version, segment } = declaration;
  const features = 'features' in declaration ? declaration.features : undefined;
  return [
    DETECTORS[detector],
    ...(features === undefined ? [] : [`of ${features.length} named features`]),
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(segment === undefined ? [] : [`segment ${plain(segment, 60)}`]),
  ].join(', ');
}

function patienceOf({ declaration }: Monitor): string {
  const count = declaration.for;
  return count === 1 ? '1 window' : `${count} windows`;
}

function Bounds({ declaration }: { readonly declaration: MonitorDeclaration }) {
  return (
    <>
      {Object.entries<Bound | undefined>(declaration.thresholds).map(([method, bound]) => (
        <div key={method}>
          {methodName(method)}: {boundInWords(method, bound ?? {})}
        </div>
      ))}
    </>
  );
}

type Bound = {
  readonly kind?: string | undefined;
  readonly warning?: number | undefined;
  readonly critical?: number | undefined;
};

function boundInWords(method: string, { kind = 'static', warning, critical }: Bound): string {
  const unit = (value: number): string => {
    if (kind === 'standard_deviations') return `mean + ${formatNumber(value)} standard deviations`;
    if (kind === 'quantiles') return `quantile ${formatNumber(value)} of the reference's parts`;
    return formatThreshold(method, value);
  };
  const parts = [
    ...(kind === 'auto' ? ['warning by the budget of false alarms'] : []),
    ...(warning === undefined ? [] : [`warning ${unit(warning)}`]),
    ...(critical === undefined ? [] : [`critical ${unit(critical)}`]),
  ];
  return parts.join(', ');
}

function References({ configuration: { model, references } }: { readonly configuration: ModelConfiguration }) {
  return (
    <Panel title="References" note="What the windows are compared with. The newest of a version is in force.">
      <DataTable
        caption="References of the model"
        captionHidden
        rows={references}
        rowKey={({ referenceId }) => referenceId}
        stack
        empty={
          <EmptyState
            title="No reference yet"
            command={`plumbline reference upload reference.csv --model ${model.model}`}
          >
            Without one, drift and performance cannot be judged. Upload a file of what is normal:
          </EmptyState>
        }
        columns={[
          { header: 'Reference', rowHeader: true, cell: ({ referenceId }) => <code>{plain(referenceId, 40)}</code> },
          { header: 'Version', cell: ({ version }) => version },
          { header: 'Rows', numeric: true, cell: ({ n }) => formatNumber(n) },
          { header: 'Made of', cell: ({ source }) => plain(source, 120) },
          { header: 'Created', cell: ({ createdAtMs }) => <Instant atMs={createdAtMs} /> },
          { header: 'By', cell: ({ createdBy }) => plain(createdBy, 60), narrow: 'hide' },
        ]}
      />
    </Panel>
  );
}

function Features({ configuration }: { readonly configuration: ModelConfiguration }) {
  const { model, features, importance, uploaded } = configuration;
  const known = [...features].sort(
    (left, right) =>
      (importance.get(right.feature) ?? 0) - (importance.get(left.feature) ?? 0) ||
      (left.feature < right.feature ? -1 : 1),
  );
  return (
    <Panel
      title="Features"
      note={
        uploaded === undefined ? undefined : (
          <>
            Importance was uploaded <Instant atMs={uploaded.updatedAtMs} /> by {plain(uploaded.updatedBy, 60)}.
          </>
        )
      }
    >
      <DataTable
        caption="Features of the model"
        captionHidden
        rows={known.slice(0, MAX_FEATURES)}
        rowKey={({ feature }) => feature}
        empty={
          <EmptyState title="No feature is known yet">
            Kinds are inferred from the first predictions, or declared with the model.
          </EmptyState>
        }
        columns={[
          {
            header: 'Feature',
            rowHeader: true,
            cell: ({ feature }) => <a href={featurePath(model.model, feature)}>{plain(feature)}</a>,
          },
          { header: 'Kind', cell: ({ kind }) => kind },
          { header: 'Known by', cell: ({ origin }) => (origin === 'declared' ? 'declaration' : 'its first value') },
          {
            header: 'Importance',
            numeric: true,
            cell: ({ feature }) => {
              const weight = importance.get(feature);
              return weight === undefined ? '–' : formatPercent(weight);
            },
          },
        ]}
      />
      {known.length > MAX_FEATURES && (
        <p class="note">And {formatNumber(known.length - MAX_FEATURES)} more: the API lists all.</p>
      )}
    </Panel>
  );
}

function Policies({ policies }: { readonly policies: readonly RetrainingPolicy[] }) {
  return (
    <Panel title="Retraining policies" id="policies">
      {policies.length === 0 ? (
        <EmptyState title="No policy" command="plumbline apply -f policy.yaml">
          Nobody is called when the model has stopped being true: alerts are told, and that is all. A policy says when
          to retrain and whom to call; declare one in a file:
        </EmptyState>
      ) : (
        <DataTable
          caption="Retraining policies"
          captionHidden
          rows={policies}
          rowKey={({ policy }) => policy}
          stack
          columns={[
            { header: 'Policy', rowHeader: true, cell: ({ policy }) => policy },
            {
              header: 'State',
              cell: ({ declaration: { enabled, dry_run: dry } }) => (
                <Badge tone={enabled && !dry ? 'ok' : 'neutral'}>
                  {enabled ? (dry ? 'Dry run' : 'Enabled') : 'Disabled'}
                </Badge>
              ),
            },
            {
              header: 'When',
              cell: ({ declaration: { when, schedule } }) =>
                schedule === undefined
                  ? when === undefined
                    ? 'by the default condition'
                    : 'by its condition on alerts'
                  : `by schedule: ${'cron' in schedule ? schedule.cron : `every ${schedule.every}`}`,
            },
            {
              header: 'Approval',
              cell: ({ declaration: { approval } }) =>
                approval === undefined ? 'not needed' : `by a person, within ${approval.within}`,
            },
            { header: 'Not again within', cell: ({ declaration }) => declaration.cool_down },
            { header: 'Last changed', cell: ({ updatedAtMs }) => <Instant atMs={updatedAtMs} /> },
          ]}
        />
      )}
    </Panel>
  );
}

function Details({
  summary,
  label,
  value,
}: {
  readonly summary: string;
  readonly label: string;
  readonly value: unknown;
}) {
  return (
    <details>
      <summary>{summary}</summary>
      <CodeBlock label={label} code={JSON.stringify(value, undefined, 2)} />
    </details>
  );
}
