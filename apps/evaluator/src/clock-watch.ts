import type { Logger } from '@plumbline/telemetry';

/** Clocks of machines may differ by as much without harm: what is marked so long before an evaluation is looked at all the same. */
const TOLERATED_MS = 60_000;
const REPEAT_MS = 10 * 60_000;

/**
 * Says loudly when marks of late data are ahead of this machine's clock: it was set back, or the clocks of the machines differ.
 * Nothing is lost by it, but times that people read are off.
 */
export class ClockWatch {
  private saidAtMs: number | undefined;

  constructor(private readonly logger: Pick<Logger, 'error'>) {}

  /** Looks at marks that were just read; says so at most every ten minutes. */
  look(marks: readonly { readonly touchedAtMs: number }[], nowMs: number): void {
    const aheadMs = marks.reduce((latest, { touchedAtMs }) => Math.max(latest, touchedAtMs), nowMs) - nowMs;
    if (aheadMs <= TOLERATED_MS) return;
    if (this.saidAtMs !== undefined && Math.abs(nowMs - this.saidAtMs) < REPEAT_MS) return;
    this.saidAtMs = nowMs;
    this.logger.error(
      { ahead_s: Math.round(aheadMs / 1000) },
      'data is marked with times ahead of the clock of this machine: was it set back, or do the clocks of the machines differ?',
    );
  }
}
