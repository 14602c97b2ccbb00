import { distributionSize, distributionSvg } from './distribution-svg.js';

const pair = { labels: ['< 10', 'שלום', 'a & b'], reference: [0.5, 0.5, 0], current: [0.25, 0.001, 1] };

describe('distributionSvg', () => {
  it('draws a row for each bin, to one scale', () => {
    const svg = distributionSvg(pair, 'age');
    const widths = [...svg.matchAll(/width="([\d.]+)" height="9" rx/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(6);
    expect(widths[5]! / widths[0]!).toBeCloseTo(2, 1);
    expect(widths[3]).toBe(1);
    expect(widths[4]).toBe(0);
    expect(svg).toContain('>50 %<');
    expect(svg).toContain('&lt; 10');
    expect(svg).toContain('a &amp; b');
    expect(svg).not.toMatch(/[\u2068\u2069]/);
    const { width, height } = distributionSize(pair);
    expect(svg).toContain(`viewBox="0 0 ${width} ${height}"`);
  });

  it.each([
    ['no bins', { labels: [], reference: [], current: [] }],
    ['numbers that are none', { labels: ['a', 'b'], reference: [NaN, -1], current: [Infinity, 2] }],
    ['fewer shares than labels', { labels: ['a', 'b'], reference: [], current: [0] }],
    ['more bins than there is room', { labels: Array<string>(99).fill('x'), reference: [], current: [] }],
  ])('draws %s', (_, odd) => {
    const svg = distributionSvg(odd, '</svg><script>');
    expect(svg).not.toMatch(/NaN|Infinity|<script/);
    expect(svg.match(/<\/?svg/g)).toHaveLength(2);
    expect(distributionSize(odd).height).toBeLessThan(500);
  });
});
