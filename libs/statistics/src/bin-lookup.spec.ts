import fc from 'fast-check';
import { binIndex } from './bin-index.js';
import { binLookup } from './bin-lookup.js';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('binLookup', () => {
  it('gives the bin that binIndex gives, on edges, beside them and far away', () => {
    const sets = fc.oneof(
      fc.array(finite, { maxLength: 130 }),
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 8, maxLength: 130 }),
      // Most edges in one place, and one far away.
      fc
        .array(fc.double({ min: 0, max: 1e-9, noNaN: true }), { minLength: 8, maxLength: 60 })
        .map((near) => [...near, 1e6]),
      fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 8, maxLength: 60 }),
    );
    const near = fc.tuple(fc.nat(), fc.constantFrom(-1, 0, 1));
    fc.assert(
      fc.property(sets, fc.array(finite), fc.array(near), (values, others, beside) => {
        const edges = [...new Set(values.map((value) => value + 0))].sort((left, right) => left - right);
        const lookup = binLookup(edges);
        const onEdges = beside.map(([at, side]) => {
          const edge = edges[at % Math.max(1, edges.length)] ?? 0;
          return edge + side * Number.EPSILON * Math.abs(edge);
        });
        for (const value of [...others, ...onEdges, ...edges, Infinity, -Infinity, 0, -0]) {
          expect(lookup(value)).toBe(binIndex(edges, value));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes edges so far apart that their distance is no number', () => {
    const edges = [-Number.MAX_VALUE, -2, -1, 0, 1, 2, 3, 4, Number.MAX_VALUE];
    expect([-Infinity, -2, 0.5, Infinity].map(binLookup(edges))).toEqual([0, 2, 4, 9]);
  });
});
