import type { DriftHeatMap, DriftLevel } from '@plumbline/contracts';
import { useContext } from 'preact/hooks';
import { heatMapChart, LEVEL_STYLES } from '../charts/heat-map-chart.js';
import { formatDuration } from '../format-instant.js';
import { formatNumber } from '../format-number.js';
import { seriesName } from '../method-name.js';
import { Panel } from '../page/panel.js';
import { ViewerContext } from '../page/viewer.js';
import { plain } from '../plain.js';
import { Chart } from './chart.js';
import { ColorKey } from './color-key.js';

const LEVELS: readonly DriftLevel[] = ['low', 'near', 'warning', 'critical', 'unknown'];

/** Drift of the features over time. */
export function DriftHeatMapSection({ heatMap }: { readonly heatMap: DriftHeatMap }) {
  const { zone } = useContext(ViewerContext);
  const { rows, columnMs, moreFeatures } = heatMap;
  if (rows.length === 0) {
    return (
      <Panel title="Drift over time" id="drift">
        <p class="muted">No window of this time was compared with a reference.</p>
      </Panel>
    );
  }
  return (
    <Panel
      title="Drift over time"
      id="drift"
      note={`The worst window that ends in each ${formatDuration(columnMs).replace(/^1 /, '')}, by its effect beside the threshold.`}
    >
      <ColorKey
        entries={LEVELS.map((level) => {
          const { word, fill, ink, sign } = LEVEL_STYLES[level];
          return { name: word, color: fill, ink, sign };
        })}
      />
      <Chart
        draw={(width) =>
          heatMapChart(heatMap, zone, { width, title: 'Drift of features over time', description: inWords(heatMap) })
        }
      />
      {moreFeatures > 0 && (
        <p class="note">{formatNumber(moreFeatures)} features that moved less are in the table of features alone.</p>
      )}
    </Panel>
  );
}

function inWords({ rows }: DriftHeatMap): string {
  return rows
    .slice(0, 20)
    .map(({ feature, levels }) => {
      const count = (level: DriftLevel): number => levels.filter((each) => each === level).length;
      const known = levels.filter((level) => level !== undefined).length;
      return `${plain(seriesName(feature), 40)}: critical in ${count('critical')}, warning in ${count('warning')} of ${known} columns`;
    })
    .join('; ');
}
