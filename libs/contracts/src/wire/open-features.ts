import type { FeatureValue } from '../event.schema.js';
import type { FeatureColumn } from '../prediction-columns.js';

const FIRST_ROWS = 16;
const FIRST_SLOTS = 16;
/** A column that has no number yet. */
const NO_SLOT = -1;

/**
 * Columns of features under construction. Numbers lie in one piece of memory, column after column; a column moves to a list when it
 * gets something else.
 */
export class OpenFeatures {
  /** In the order in which the names came: events of one service mostly name their features in one order. */
  private readonly names: string[] = [];
  private readonly positions = new Map<string, number>();
  /** Where the numbers of a column begin, in `numbers`, as a multiple of `roomRows`. */
  private readonly slots: number[] = [];
  private readonly lists: (FeatureValue[] | undefined)[] = [];
  private numbers = new Float64Array(0);
  private usedSlots = 0;
  private roomRows = FIRST_ROWS;

  get size(): number {
    return this.names.length;
  }

  /**
   * Rows come one after another; what is not added of a row is missing in it.
   * @param hint position at which the name may stand
   */
  add(name: string, value: FeatureValue, row: number, hint: number): void {
    if (typeof value === 'number') this.addNumber(name, value, row, hint);
    else this.addOther(name, value, row, hint);
  }

  addNumber(name: string, value: number, row: number, hint: number): void {
    const position = this.positionOf(name, hint);
    const list = this.lists[position];
    if (list !== undefined) {
      pad(list, row);
      list.push(value);
      return;
    }
    if (row >= this.roomRows) this.makeRows(row);
    let slot = this.slots[position]!;
    if (slot === NO_SLOT) slot = this.slots[position] = this.newSlot();
    this.numbers[slot * this.roomRows + row] = value;
  }

  addOther(name: string, value: string | boolean | null, row: number, hint: number): void {
    const position = this.positionOf(name, hint);
    let list = this.lists[position];
    if (list === undefined) {
      if (value === null) return;
      this.lists[position] = list = this.listOf(position, row);
    }
    pad(list, row);
    list.push(value);
  }

  /** The columns of so many rows. Nothing may be added afterwards. */
  close(rows: number): Map<string, FeatureColumn> {
    const { names, lists, slots } = this;
    // What waits must not hold much more memory than it fills.
    if (this.usedSlots > 0 && rows < this.roomRows / 2) this.layOut(this.usedSlots, rows);
    const columns = new Map<string, FeatureColumn>();
    names.forEach((name, position) => {
      const list = lists[position];
      if (list !== undefined) {
        pad(list, rows);
        columns.set(name, list);
        return;
      }
      const slot = slots[position]!;
      if (slot === NO_SLOT) columns.set(name, new Array<null>(rows).fill(null));
      else {
        const from = slot * this.roomRows;
        columns.set(name, { packed: this.numbers.subarray(from, from + rows) });
      }
    });
    return columns;
  }

  private positionOf(name: string, hint: number): number {
    if (this.names[hint] === name) return hint;
    let position = this.positions.get(name);
    if (position === undefined) {
      position = this.names.push(name) - 1;
      this.positions.set(name, position);
      this.slots.push(NO_SLOT);
      this.lists.push(undefined);
    }
    return position;
  }

  private newSlot(): number {
    const room = this.numbers.length / this.roomRows;
    if (this.usedSlots === room) this.layOut(Math.max(FIRST_SLOTS, 2 * room), this.roomRows);
    return this.usedSlots++;
  }

  private makeRows(row: number): void {
    let rows = this.roomRows;
    while (row >= rows) rows *= 4;
    if (this.usedSlots === 0) this.roomRows = rows;
    else this.layOut(this.usedSlots, rows);
  }

  /** Moves the numbers to where there is room for so many columns and rows. */
  private layOut(slots: number, rows: number): void {
    const { numbers, roomRows } = this;
    const kept = Math.min(roomRows, rows);
    const moved = new Float64Array(slots * rows).fill(NaN);
    for (let slot = 0; slot < this.usedSlots; slot++) {
      const from = slot * roomRows;
      moved.set(numbers.subarray(from, from + kept), slot * rows);
    }
    this.numbers = moved;
    this.roomRows = rows;
  }

  /** What a column has in the rows so far, as a list; its slot stays empty from now on. */
  private listOf(position: number, row: number): FeatureValue[] {
    const slot = this.slots[position]!;
    if (slot === NO_SLOT) return [];
    const from = slot * this.roomRows;
    const numbers = this.numbers.subarray(from, from + Math.min(row, this.roomRows));
    return Array.from(numbers, (value) => (Number.isNaN(value) ? null : value));
  }
}

function pad(list: FeatureValue[], rows: number): void {
  while (list.length < rows) list.push(null);
}
