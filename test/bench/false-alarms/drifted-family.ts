import type { ReferenceSeries } from '@plumbline/contracts';
import { compileBinSet } from '@plumbline/monitoring';
import { coalesce } from '@plumbline/statistics';
import { SeededRandom } from '../../conservation/seeded-random.js';
import type { Family } from './families.js';

const POPULATION = 50_000;

/**
 * Returns the family shifted so that its population stability index over the reference's deciles (or categories) is the one given:
 * values are thinned out towards one end, bin by bin. Undefined where the bins cannot tell so much, as when one holds all.
 */
export function driftedFamily(family: Family, reference: ReferenceSeries, psi: number): Family | undefined {
  const bins = compileBinSet(reference);
  const place = new Array<number>(bins.bins).fill(0);
  if (reference.kind === 'numeric') {
    // The coarse bin of each fine one.
    coalesce(place, reference.decileEdgeIndexes).forEach((_, coarse) => {
      const from = coarse === 0 ? 0 : reference.decileEdgeIndexes[coarse - 1]! + 1;
      place.fill(coarse, from);
    });
  } else {
    place.forEach((_, index) => (place[index] = index));
  }
  const placeOf = (value: number | string): number =>
    place[typeof value === 'number' ? bins.binOfNumber(value) : bins.binOfText(value)]!;
  const random = new SeededRandom(20261121);
  const shares = new Array<number>(bins.bins).fill(0);
  for (let i = 0; i < POPULATION; i++) shares[placeOf(family.draw(random))]! += 1 / POPULATION;
  const occupied = shares.flatMap((share, index) => (share > 0 ? [index] : []));
  if (occupied.length < 2) return undefined;
  const rank = new Map(occupied.map((index, position) => [index, position]));
  const weight = (slope: number, index: number): number => Math.exp(slope * (rank.get(index) ?? 0));
  const psiOf = (slope: number): number => {
    const total = occupied.reduce((sum, index) => sum + shares[index]! * weight(slope, index), 0);
    return occupied.reduce((sum, index) => {
      const q = (shares[index]! * weight(slope, index)) / total;
      return sum + (q - shares[index]!) * Math.log(q / shares[index]!);
    }, 0);
  };
  let [low, high] = [0, 1];
  while (psiOf(high) < psi && high < 1e3) high *= 2;
  if (!(psiOf(high) >= psi)) return undefined;
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (psiOf(middle) < psi) low = middle;
    else high = middle;
  }
  const most = weight(high, occupied.at(-1)!);
  return {
    name: family.name,
    draw: (chance) => {
      for (;;) {
        const value = family.draw(chance);
        if (chance.next() * most <= weight(high, placeOf(value))) return value;
      }
    },
  };
}
