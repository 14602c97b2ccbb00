/** Violations listed in full; the others are counted. */
const LISTED = 40;

/** What a run did and found: counts, the log of faults, checks, and violations with their evidence. */
export class Report {
  private readonly counts = new Map<string, number>();
  private readonly faults: string[] = [];
  private readonly violations: string[] = [];
  private readonly checks: { readonly name: string; readonly ok: boolean; readonly detail: string }[] = [];
  private readonly startedAtMs = performance.now();

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  countOf(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  /** Says that the next part of the run begins. */
  phase(what: string): void {
    console.log(`${this.seconds().toFixed(0).padStart(4)} s  ${what}`);
  }

  /** Notes a fault that was injected, in the order of the run. */
  fault(what: string): void {
    this.faults.push(`${this.seconds().toFixed(1)} s  ${what}`);
  }

  /** Something that must never be, seen while the run went on. */
  violation(what: string): void {
    this.violations.push(`${this.seconds().toFixed(1)} s  ${what}`);
    if (this.violations.length <= LISTED) console.error(`VIOLATION ${what}`);
  }

  /** One judgement. @param problems evidence; none when the check passed */
  check(name: string, problems: readonly string[], detail = ''): void {
    const ok = problems.length === 0;
    this.checks.push({ name, ok, detail: ok ? detail : `${problems.length} found` });
    console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name}${detail === '' ? '' : ` (${detail})`}`);
    for (const problem of problems.slice(0, 10)) console.error(`          ${problem}`);
    if (problems.length > 10) console.error(`          and ${problems.length - 10} more`);
  }

  printFaults(): void {
    console.log('\nFaults, in order:');
    for (const fault of this.faults) console.log(`  ${fault}`);
  }

  /** Prints all of it, the last line being "N passed, N failed". Returns whether nothing failed. */
  print(seed: number, skipped: readonly string[]): boolean {
    this.check('nothing that must never be was seen during the run', this.violations);
    const failed = this.checks.filter(({ ok }) => !ok);
    if (failed.length > 0) this.printFaults();
    console.log('\nCounts:');
    for (const [what, times] of [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)))
      console.log(`  ${what}: ${times}`);
    for (const reason of skipped) console.log(`skipped: ${reason}`);
    console.log(`\nseed ${seed}, ${Math.round(this.seconds())} s`);
    const line = `${this.checks.length - failed.length} passed, ${failed.length} failed`;
    console.log(skipped.length === 0 ? line : `${line}, ${skipped.length} skipped`);
    return failed.length === 0;
  }

  private seconds(): number {
    return (performance.now() - this.startedAtMs) / 1000;
  }
}
