/**
 * Remembers the latest prediction ids of a model, so that an event that is sent again under another time is recognised; one
 * sent again with the same time is recognised by the raw table itself. Two generations bound the memory: when the young one is
 * full, the old one is forgotten.
 */
export class RecentIds {
  private young = new Set<string>();
  private old = new Set<string>();

  /** @param capacity of each generation */
  constructor(private readonly capacity: number) {}

  has(id: string): boolean {
    return this.young.has(id) || this.old.has(id);
  }

  add(id: string): void {
    if (this.young.size >= this.capacity) {
      this.old = this.young;
      this.young = new Set();
    }
    this.young.add(id);
  }
}
