import type { UsedMethod, UsedReference } from '@plumbline/contracts';
import { formatNumber } from '../format-number.js';
import { formatThreshold, methodName } from '../method-name.js';
import { DataTable } from '../page/data-table.js';
import { Instant } from '../page/instant.js';
import { Panel } from '../page/panel.js';
import { plain } from '../plain.js';
import { Name } from './user-text.js';

export interface MethodsSectionProps {
  readonly methods: readonly UsedMethod[];
  readonly references: readonly UsedReference[];
}

/** How every number above came about: method ids, bounds, and what was compared with. */
export function MethodsSection({ methods, references }: MethodsSectionProps) {
  const recorded = methods.filter(isRecorded);
  return (
    <Panel
      title="Methods and references"
      id="methods"
      note="An id keeps its meaning for ever: anyone can compute the numbers again from it, the thresholds and the reference."
    >
      <DataTable
        caption="Methods"
        stack
        empty={<p class="muted">Nothing was measured in this time.</p>}
        columns={[
          {
            header: 'Method',
            rowHeader: true,
            cell: ({ method }) => (
              <>
                <code>{method}</code>
                {methodName(method) !== method && <span class="muted"> {methodName(method)}</span>}
              </>
            ),
          },
          { header: 'Monitors', cell: ({ monitors }) => <Name text={monitors.join(', ')} /> },
          { header: 'Warning', numeric: true, cell: ({ method, warnings }) => boundsInWords(method, warnings) },
          { header: 'Critical', numeric: true, cell: ({ method, criticals }) => boundsInWords(method, criticals) },
          {
            header: 'Level',
            numeric: true,
            narrow: 'hide',
            cell: ({ alphas }) => (alphas.length === 0 ? '–' : rangeOf(alphas, formatNumber)),
          },
          { header: 'Series', numeric: true, cell: ({ series }) => formatNumber(series) },
          { header: 'Windows', numeric: true, cell: ({ windows }) => formatNumber(windows) },
          {
            header: 'Definition',
            narrow: 'hide',
            cell: ({ formula, bins }) =>
              formula === '' ? (
                <span class="muted">see the documentation of statistics</span>
              ) : (
                <span class="wide-cell">
                  {formula}
                  {bins === '' ? '' : `; bins: ${bins}`}
                </span>
              ),
          },
        ]}
        rows={methods.filter((method) => !isRecorded(method))}
        rowKey={({ method }) => method}
      />
      {recorded.length > 0 && (
        <p class="note">Recorded without bounds: {recorded.map(({ method }) => methodName(method)).join(', ')}.</p>
      )}
      <DataTable
        caption="References"
        stack
        empty={<p class="muted">No reference was compared with.</p>}
        columns={[
          {
            header: 'Reference',
            rowHeader: true,
            cell: ({ referenceId }) => <code class="anywhere">{plain(referenceId)}</code>,
          },
          { header: 'Kind', cell: ({ kind }) => kind.replaceAll('_', ' ') },
          { header: 'Of version', cell: ({ version }) => (version === '' ? 'every' : <Name text={version} />) },
          { header: 'Rows', numeric: true, cell: ({ rows }) => formatNumber(rows) },
          {
            header: 'Made',
            cell: ({ createdAtMs }) =>
              createdAtMs === undefined ? (
                <span class="muted">moves with the windows</span>
              ) : (
                <Instant atMs={createdAtMs} />
              ),
          },
          { header: 'Source', cell: ({ source }) => (source === '' ? '–' : <Name text={source} />) },
        ]}
        rows={references}
        rowKey={({ referenceId }) => referenceId}
      />
    </Panel>
  );
}

/** A metric that nothing is decided by needs no row of its own. */
function isRecorded({ formula, warnings, criticals }: UsedMethod): boolean {
  return formula === '' && warnings.length === 0 && criticals.length === 0;
}

function boundsInWords(method: string, bounds: readonly number[]): string {
  return bounds.length === 0 ? '–' : rangeOf(bounds, (bound) => formatThreshold(method, bound));
}

function rangeOf(values: readonly number[], format: (value: number) => string): string {
  const first = format(values[0]!);
  const last = format(values.at(-1)!);
  return values.length <= 2 && first !== last ? `${first}, ${last}` : first === last ? first : `${first} … ${last}`;
}
