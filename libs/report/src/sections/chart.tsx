import { Markup } from '../page/markup.js';

const WIDE = 960;
const NARROW = 360;

/** A chart drawn for a desk and once more for a phone, whose letters would be too small in the first; one of them is seen. */
export function Chart({ draw }: { readonly draw: (width: number) => string }) {
  return (
    <>
      <div class="chart-wide">
        <Markup html={draw(WIDE)} />
      </div>
      <div class="chart-narrow">
        <Markup html={draw(NARROW)} />
      </div>
    </>
  );
}
