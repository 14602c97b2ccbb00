import type { DriftHeatMap, FeatureRanking } from '@plumbline/contracts';
import { DriftHeatMapSection, EmptyState, FeaturesSection, Panel, plain } from '@plumbline/report';

export interface FeaturesTabProps {
  readonly ranking: FeatureRanking;
  readonly heatMap: DriftHeatMap;
  /** What the name of a feature must contain; "" for all. */
  readonly search: string;
  readonly action: string;
  /** Fields of the address that stay. */
  readonly kept: Readonly<Record<string, string>>;
  readonly hrefOf: (feature: string) => string;
}

/** Drift of the features, worst first, and over time. */
export function FeaturesTab({ ranking, heatMap, search, action, kept, hrefOf }: FeaturesTabProps) {
  const wanted = search.toLowerCase();
  const found = ranking.features.filter(({ feature }) => feature.toLowerCase().includes(wanted));
  return (
    <div class="stacked">
      <form method="get" action={action} class="filters" role="search" aria-label="Find a feature">
        {Object.entries(kept).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <div class="field">
          <label for="feature-search">Feature</label>
          <input id="feature-search" name="q" type="search" value={search} maxLength={256} autocomplete="off" />
        </div>
        <button type="submit">Find</button>
      </form>
      {search !== '' && found.length === 0 ? (
        <Panel title="Features">
          <EmptyState title="No feature of that name">
            No feature whose drift was measured in this range has “{plain(search, 100)}” in its name.{' '}
            <a href={action}>Show all</a>
          </EmptyState>
        </Panel>
      ) : (
        <>
          {search === '' && <DriftHeatMapSection heatMap={heatMap} />}
          <FeaturesSection
            ranking={{ features: found, moreFeatures: search === '' ? ranking.moreFeatures : 0 }}
            hrefOf={hrefOf}
          />
        </>
      )}
    </div>
  );
}
