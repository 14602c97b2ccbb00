/** Bins that occurred in a group, ascending, and how often. */
export interface CountedBins {
  readonly indexes: readonly number[];
  readonly counts: readonly number[];
}

/** A table may have this many places for each value that is to be counted; a larger one would be mostly zeros to walk over. */
const PLACES_PER_VALUE = 16;
const SMALL_TABLE = 65_536;

/** Counts bins per group: in a table, or, when most of its places would stay empty, by sorting. */
export class BinCounter {
  private readonly table: Uint32Array | undefined;
  private readonly keys: Float64Array;
  private length = 0;

  /**
   * @param bins bin indexes are below this
   * @param values at most so many are added
   */
  constructor(
    private readonly groups: number,
    private readonly bins: number,
    values: number,
  ) {
    const places = groups * bins;
    this.table = places <= SMALL_TABLE || places <= PLACES_PER_VALUE * values ? new Uint32Array(places) : undefined;
    this.keys = new Float64Array(this.table === undefined ? values : 0);
  }

  add(group: number, bin: number): void {
    const key = group * this.bins + bin;
    if (this.table !== undefined) this.table[key]!++;
    else this.keys[this.length++] = key;
  }

  perGroup(): CountedBins[] {
    const counted = Array.from({ length: this.groups }, () => ({ indexes: [] as number[], counts: [] as number[] }));
    if (this.table === undefined) this.countSorted(counted);
    else {
      let place = 0;
      for (const { indexes, counts } of counted) {
        for (let bin = 0; bin < this.bins; bin++) {
          const count = this.table[place++]!;
          if (count === 0) continue;
          indexes.push(bin);
          counts.push(count);
        }
      }
    }
    return counted;
  }

  private countSorted(counted: readonly { readonly indexes: number[]; readonly counts: number[] }[]): void {
    const keys = this.keys.subarray(0, this.length).sort();
    for (let from = 0; from < keys.length;) {
      const key = keys[from]!;
      let to = from + 1;
      while (to < keys.length && keys[to] === key) to++;
      const group = Math.floor(key / this.bins);
      counted[group]!.indexes.push(key - group * this.bins);
      counted[group]!.counts.push(to - from);
      from = to;
    }
  }
}
