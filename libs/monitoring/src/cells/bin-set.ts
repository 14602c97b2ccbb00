import type { FeatureKind, ReferenceSeries } from '@plumbline/contracts';
import { binLookup } from '@plumbline/statistics';
import { murmur3 } from './murmur3.js';

/** A reference series ready for binning. */
export interface BinSet {
  readonly binSetId: string;
  readonly kind: FeatureKind;
  /** Bin indexes are below this. */
  readonly bins: number;
  /** Bin of a number; only for numeric kinds. */
  readonly binOfNumber: (value: number) => number;
  /** Bin of a category: its own, else "other" when the reference knows it, else "unseen"; only for the other kinds. */
  readonly binOfText: (value: string) => number;
}

export function compileBinSet(reference: ReferenceSeries): BinSet {
  const { edges, categories } = reference;
  const positions = new Map(categories.map((category, index) => [category, index]));
  const others = new Set(reference.otherHashes);
  return {
    binSetId: reference.binSetId,
    kind: reference.kind,
    bins: reference.kind === 'numeric' ? edges.length + 1 : categories.length + 2,
    binOfNumber: binLookup(edges),
    binOfText: (value) =>
      positions.get(value) ??
      (others.size > 0 && others.has(murmur3(value)) ? categories.length : categories.length + 1),
  };
}
