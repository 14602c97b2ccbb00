import type { Tone } from './badge.js';

const WIDTH = 96;
const HEIGHT = 24;
const MARGIN = 3;

export interface SparklineProps {
  /** Oldest first; NaN leaves a gap. */
  readonly values: readonly number[];
  /** What the line says, for readers of the screen; "" where words beside it say it. */
  readonly label: string;
  /** Of the newest value, which is a dot. */
  readonly tone?: Tone;
  /** What the values are beside, as a dashed line: the scale begins at 0 then, and ends at four times this. */
  readonly threshold?: number;
}

/** A trend without axes, from the least to the greatest of its values. Drawn as one path: a page has many of them. */
export function Sparkline({ values: given, label, tone = 'neutral', threshold }: SparklineProps) {
  const values = threshold === undefined ? given : given.map((value) => Math.max(0, Math.min(value, 4 * threshold)));
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return null;
  const least = threshold === undefined ? finite.reduce((a, b) => Math.min(a, b)) : 0;
  const span = finite.reduce((a, b) => Math.max(a, b), threshold ?? -Infinity) - least;
  const yOf = (height: number): number => HEIGHT - MARGIN - height * (HEIGHT - 2 * MARGIN);
  const points = values.map((value, index): readonly [number, number] | undefined => {
    if (!Number.isFinite(value)) return undefined;
    const x = MARGIN + (index / (values.length - 1)) * (WIDTH - 2 * MARGIN);
    const height = span === 0 ? 0.5 : (value - least) / span;
    return [x, yOf(height)];
  });
  const path = points
    .map((point, index) => {
      if (point === undefined) return '';
      return `${points[index - 1] === undefined ? 'M' : 'L'}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    })
    .join('');
  const last = points.findLast((point) => point !== undefined)!;
  const named = label === '' ? ({ 'aria-hidden': 'true' } as const) : ({ role: 'img', 'aria-label': label } as const);
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} {...named}>
      {threshold !== undefined && (
        <path
          class="tone-warning"
          d={`M${MARGIN} ${yOf(threshold / span).toFixed(1)}H${WIDTH - MARGIN}`}
          stroke="currentColor"
          stroke-dasharray="3 3"
        />
      )}
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
      <circle class={`tone-${tone}`} cx={last[0].toFixed(1)} cy={last[1].toFixed(1)} r="2.5" fill="currentColor" />
    </svg>
  );
}
