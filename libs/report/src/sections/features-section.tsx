import type { FeatureRanking, RankedFeature } from '@plumbline/contracts';
import { CURRENT_COLOR, distributionChart, REFERENCE_COLOR } from '../charts/distribution-chart.js';
import { formatNumber, formatPercent, formatPValue } from '../format-number.js';
import { formatThreshold, formatValue, methodName, seriesName } from '../method-name.js';
import { type Column, DataTable } from '../page/data-table.js';
import { EmptyState } from '../page/empty-state.js';
import { Instant } from '../page/instant.js';
import { Markup } from '../page/markup.js';
import { Panel } from '../page/panel.js';
import { SeverityBadge, severityTone, severityWord } from '../page/severity-badge.js';
import { Sparkline } from '../page/sparkline.js';
import { plain } from '../plain.js';
import { ColorKey } from './color-key.js';
import { LinkedName, Sentence } from './user-text.js';

/** Rows that are seen at once. */
const FIRST_ROWS = 20;
/** From here on an effect is told of that is no breach: half the way to the threshold. */
const NEAR_RATIO = 0.5;
/** Distributions that are drawn, and of those that did not change. */
const DRAWN = 12;
const UNCHANGED_DRAWN = 6;

export interface FeaturesSectionProps {
  readonly ranking: FeatureRanking;
  /** Page of a feature, where there is one. */
  readonly hrefOf?: (feature: string) => string;
}

/** Features by how far they moved from their reference, worst first, and the distributions of the first. */
export function FeaturesSection({ ranking: { features, moreFeatures }, hrefOf }: FeaturesSectionProps) {
  if (features.length === 0) {
    return (
      <Panel title="Features" id="features">
        <EmptyState title="No feature was compared with a reference in this time">
          <p>
            Features are compared window by window with a reference: a file or a period that says what is normal. Upload
            one, or choose a longer time.
          </p>
        </EmptyState>
      </Panel>
    );
  }
  const drawn = features
    .filter(
      ({ distribution, breaches }, index) => distribution !== undefined && (breaches > 0 || index < UNCHANGED_DRAWN),
    )
    .slice(0, DRAWN);
  return (
    <Panel
      title="Features, by how far they moved"
      id="features"
      note="Each feature with the method and window that tell most: of those that were at a bound the worst window, else the newest."
    >
      <FeatureTable caption="Features by drift" features={features.slice(0, FIRST_ROWS)} hrefOf={hrefOf} />
      {features.length > FIRST_ROWS && (
        <details>
          <summary>{formatNumber(features.length - FIRST_ROWS)} more features, which moved less</summary>
          <FeatureTable caption="More features by drift" features={features.slice(FIRST_ROWS)} hrefOf={hrefOf} />
        </details>
      )}
      {moreFeatures > 0 && <p class="note">{formatNumber(moreFeatures)} features that moved less are left out.</p>}
      {drawn.length > 0 && <Distributions features={drawn} />}
    </Panel>
  );
}

interface FeatureTableProps {
  readonly caption: string;
  readonly features: readonly RankedFeature[];
  readonly hrefOf: FeaturesSectionProps['hrefOf'];
}

function FeatureTable({ caption, features, hrefOf }: FeatureTableProps) {
  return (
    <DataTable
      caption={caption}
      captionHidden
      stack
      columns={columnsOf(
        hrefOf,
        features.some(({ change }) => change !== ''),
      )}
      rows={features}
      rowKey={({ feature }) => feature}
    />
  );
}

const changeColumn: Column<RankedFeature> = {
  header: 'Change',
  // What chance does to a feature is no change.
  cell: ({ change, told, breaches }) => (
    <span class="wide-cell">
      {change !== '' && (breaches > 0 || ratioOf(told) >= NEAR_RATIO) ? (
        <Sentence text={change} />
      ) : (
        <span class="muted">{told.severity === 'ok' ? 'small' : severityWord(told.severity).toLowerCase()}</span>
      )}
    </span>
  ),
};

/** @param changes whether they are known: pages that read no distributions leave the column out */
function columnsOf(hrefOf: FeaturesSectionProps['hrefOf'], changes: boolean): Column<RankedFeature>[] {
  return [
    {
      header: 'Feature',
      rowHeader: true,
      cell: ({ feature }) => <LinkedName text={seriesName(feature)} href={hrefOf?.(feature)} />,
    },
    { header: 'Now', cell: ({ severity }) => <SeverityBadge severity={severity} /> },
    {
      header: 'Value (threshold)',
      cell: ({ method, told }) => {
        const threshold = Number.isNaN(told.thresholdWarning) ? told.thresholdCritical : told.thresholdWarning;
        return (
          <span class="nowrap">
            {methodName(method)} {formatValue(method, told.value)}
            {Number.isFinite(threshold) && <span class="muted"> ({formatThreshold(method, threshold)})</span>}
          </span>
        );
      },
    },
    {
      header: 'p',
      narrow: 'hide',
      cell: ({ told: { adjustedPValue, pValue } }) => {
        const p = Number.isNaN(adjustedPValue) ? pValue : adjustedPValue;
        return Number.isNaN(p) ? '–' : <span class="nowrap">{formatPValue(p).replace('= ', '')}</span>;
      },
    },
    ...(changes ? [changeColumn] : []),
    {
      header: 'Out of bounds',
      cell: ({ firstBreachMs, breaches, windows }) =>
        firstBreachMs === undefined ? (
          <span class="muted">never</span>
        ) : (
          <>
            <span class="nowrap">
              {breaches} of {windows} windows
            </span>
            , first <Instant atMs={firstBreachMs} form="day" />
          </>
        ),
    },
    {
      header: 'Effect over time',
      cell: ({ trend, feature, severity, worstSeverity }) =>
        trend.length === 0 ? (
          <span class="muted">–</span>
        ) : (
          <Sparkline
            values={trend}
            label={`Drift of ${plain(seriesName(feature), 60)} beside its threshold over time; at worst: ${severityWord(worstSeverity)}`}
            tone={severityTone(severity)}
            threshold={1}
          />
        ),
    },
  ];
}

function ratioOf({ effect, thresholdWarning, thresholdCritical }: RankedFeature['told']): number {
  return effect / (Number.isNaN(thresholdWarning) ? thresholdCritical : thresholdWarning);
}

function Distributions({ features }: { readonly features: readonly RankedFeature[] }) {
  return (
    <>
      <h3>Distributions beside the reference</h3>
      <ColorKey
        entries={[
          { name: 'reference', color: REFERENCE_COLOR },
          { name: 'window', color: CURRENT_COLOR },
        ]}
      />
      <div class="distributions">
        {features.map(({ feature, change, told, version, distribution }) => (
          <figure key={feature}>
            <figcaption>
              <b>
                <bdi>{plain(seriesName(feature))}</bdi>
              </b>
              <span class="muted">
                {' '}
                · version {plain(version)}, {formatNumber(told.nCurrent)} rows to <Instant atMs={told.windowEndMs} />
              </span>
            </figcaption>
            <Markup
              html={distributionChart(distribution!, {
                width: 320,
                title: `Distribution of ${plain(seriesName(feature), 60)}, reference and window`,
                description: [change, barsInWords(distribution!)].filter(Boolean).join('. '),
              })}
            />
          </figure>
        ))}
      </div>
    </>
  );
}

/** "< 10: 12 %, then 31 %; …" for who cannot see the bars. */
function barsInWords({ labels, reference, current }: NonNullable<RankedFeature['distribution']>): string {
  return labels
    .map(
      (label, index) => `${label}: ${formatPercent(reference[index] ?? 0)}, now ${formatPercent(current[index] ?? 0)}`,
    )
    .join('; ');
}
