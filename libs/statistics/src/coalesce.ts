/**
 * Returns the counts of the coarse bins whose inner edges are `edges[edgeIndexes[0]]`, `edges[edgeIndexes[1]]`, …
 *
 * `counts`: one per fine bin, that is one more than there are fine edges. `edgeIndexes`: ascending indexes of the fine
 * edges that are kept; the result has `edgeIndexes.length + 1` bins and the same total. Exact, because a fine bin lies
 * wholly inside one coarse bin. Throws RangeError when an index is out of range or out of order. O(counts).
 */
export function coalesce(counts: readonly number[], edgeIndexes: readonly number[]): number[] {
  const coarse: number[] = [];
  let start = 0;
  for (const end of [...edgeIndexes.map((index) => index + 1), counts.length]) {
    // Strict only between edges: two equal indexes would invent an empty bin.
    if (!(end > start) || end > counts.length) {
      throw new RangeError(`edge indexes must ascend within 0…${counts.length - 2}`);
    }
    let total = 0;
    for (let i = start; i < end; i += 1) total += counts[i]!;
    coarse.push(total);
    start = end;
  }
  return coarse;
}
