/** A share is known to lie between these, both above 0. */
export interface ShareRange {
  readonly least: number;
  readonly most: number;
}

/**
 * Returns between what Σ(p − q)·ln(p/q) can lie when each share is only known to lie in a range. The term is convex in both shares and 0
 * where they are equal, so its largest value is at a corner, and its smallest 0 or at the nearest corner. O(bins).
 */
export function psiRange(
  reference: readonly ShareRange[],
  current: readonly ShareRange[],
): { readonly least: number; readonly most: number } {
  let least = 0;
  let most = 0;
  reference.forEach((p, i) => {
    const q = current[i]!;
    most += Math.max(term(p.least, q.most), term(p.most, q.least));
    if (p.most < q.least) least += term(p.most, q.least);
    else if (q.most < p.least) least += term(p.least, q.most);
  });
  return { least, most };
}

function term(p: number, q: number): number {
  return p === q ? 0 : (p - q) * Math.log(p / q);
}
