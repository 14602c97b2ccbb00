import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';

interface Placeable extends Builder<Panel> {
  gridPos(position: { x: number; y: number; w: number; h: number }): this;
  id(id: number): this;
}

/** Panels side by side, as wide as they say of 24 columns, all of one height. */
export interface PanelRow {
  readonly height: number;
  readonly panels: readonly (readonly [width: number, panel: Placeable])[];
}

/** Places rows of panels below one another and numbers the panels. */
export function arrange(rows: readonly PanelRow[]): Placeable[] {
  let y = 0;
  let id = 1;
  return rows.flatMap(({ height, panels }) => {
    let x = 0;
    const placed = panels.map(([width, panel]) => {
      const at = panel.gridPos({ x, y, w: width, h: height }).id(id++);
      x += width;
      return at;
    });
    y += height;
    return placed;
  });
}
