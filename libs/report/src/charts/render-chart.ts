// One file: the six hundred modules of the other builds would cost each process half a second of CPU at its start.
import { init } from 'echarts/dist/echarts.esm.min.mjs';
import type { EChartsCoreOption } from 'echarts/core';
import { escapeHtml } from '../escape-html.js';
import { plain, plainSentence } from '../plain.js';

export interface ChartFrame {
  readonly width: number;
  readonly height: number;
  /** What the chart is of, and what it shows: for who cannot see it. */
  readonly title: string;
  readonly description?: string;
}

/** What zrender calls the parts of its n-th chart in this process. */
const IDS = /zr\d+-/g;

/**
 * Returns a chart as an SVG element for a page that has the style sheet: colours are its variables, so that one drawing is light and
 * dark. The same option gives the same text, wherever and how often it is drawn.
 */
export function renderChart(option: EChartsCoreOption, { width, height, title, description = '' }: ChartFrame): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'inherit' }, ...option });
    const drawn = chart
      .renderToSVGString()
      // Styles of hovering, which nothing here has, in rules that would hold for the whole page.
      .replace(/<style[\s\S]*?<\/style>/g, '')
      .replace(/ class="zr\d+-cls-\d+"| ecmeta_[a-z_]+="[^"]*"| pointer-events="visible"/g, '')
      // The ground is that of the page.
      .replace(/<rect width="\d+" height="\d+" x="0" y="0" fill="none"><\/rect>\n?/, '')
      .replace(/font-family:inherit;?/g, '')
      // As the family of a shorthand, inherit is none.
      .replace(/font: normal normal (\d+)px inherit/g, 'font-size:$1px')
      .replaceAll(' xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" baseProfile="full"', '')
      .replaceAll(' xmlns="http://www.w3.org/2000/svg"', '');
    const id = `c${fingerprint(`${title} ${width} ${drawn.length}`)}-`;
    const name = escapeHtml(plain(title));
    const text = description === '' ? '' : `<desc>${escapeHtml(plainSentence(description, 1_000))}</desc>`;
    return drawn
      .replace(IDS, id)
      .replace(/^<svg /, '<svg role="img" ')
      .replace(/>/, `><title>${name}</title>${text}`);
  } finally {
    // It keeps a timer, and with it the process.
    chart.dispose();
  }
}

/** FNV-1a: ids of parts must differ between the charts of a page, not more; to hash all of a chart takes as long as to draw it. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
