import { ViewerContext } from '@plumbline/report';
import { useContext } from 'preact/hooks';
import { clockText, OWN_RANGE, type PageFilters, RANGES } from './page-filters.js';

const RANGE_WORDS: Readonly<Record<(typeof RANGES)[number], string>> = {
  '1d': 'Last day',
  '7d': 'Last 7 days',
  '14d': 'Last 14 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
};

export interface FilterBarProps {
  readonly action: string;
  readonly filters: PageFilters;
  readonly versions: readonly string[];
  readonly segments: readonly string[];
  /** Fields of the address that stay. */
  readonly kept?: Readonly<Record<string, string>>;
}

/**
 * Chooses time range, version and segment: a form that works without script, whose answer is an address to share. The fields of a
 * range of one's own come once that is chosen.
 */
export function FilterBar({ action, filters, versions, segments, kept = {} }: FilterBarProps) {
  const { range, fromMs, toMs, version, segment } = filters;
  return (
    <form method="get" action={action} class="filters" role="search" aria-label="Time range, version and segment">
      {Object.entries(kept).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <div class="field">
        <label for="range">Time range</label>
        <select id="range" name="range">
          {RANGES.map((each) => (
            <option key={each} value={each} selected={each === range}>
              {RANGE_WORDS[each]}
            </option>
          ))}
          <option value={OWN_RANGE} selected={range === undefined}>
            From … to …
          </option>
        </select>
      </div>
      {range === undefined && (
        <>
          <TimeField name="from" label="From" atMs={fromMs} />
          <TimeField name="to" label="To" atMs={toMs} />
        </>
      )}
      <div class="field">
        <label for="version">Version</label>
        <select id="version" name="version">
          <option value="">All versions</option>
          {versions.map((each) => (
            <option key={each} value={each} selected={each === version}>
              {each}
            </option>
          ))}
        </select>
      </div>
      {segments.length > 0 && (
        <div class="field">
          <label for="segment">Segment</label>
          <select id="segment" name="segment">
            <option value="">All events</option>
            {segments.map((each) => (
              <option key={each} value={each} selected={each === segment}>
                {each}
              </option>
            ))}
          </select>
        </div>
      )}
      <button type="submit">Apply</button>
    </form>
  );
}

function TimeField({ name, label, atMs }: { readonly name: string; readonly label: string; readonly atMs: number }) {
  const { zone } = useContext(ViewerContext);
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input id={name} name={name} type="datetime-local" value={clockText(atMs, zone)} />
    </div>
  );
}
