import { PlumblineError, type PlumblineErrorDetails, type PlumblineErrorReason } from './plumbline-error.js';

const QUIET_MS = 60_000;

/** Tells the user of errors. Whatever that does, nothing comes back to the caller. */
export class ErrorReporter {
  private readonly toldAtMs = new Map<string, number>();

  constructor(private readonly onError: ((error: PlumblineError) => void) | undefined) {}

  report(reason: PlumblineErrorReason, message: string, details?: PlumblineErrorDetails): void {
    this.tell(new PlumblineError(reason, message, details));
  }

  tell(error: PlumblineError): void {
    try {
      if (this.onError) this.onError(error);
      else this.print(error, Date.now());
    } catch {
      // The user's own code failed; there is nobody left to tell.
    }
  }

  private print({ reason, message, count }: PlumblineError, nowMs: number): void {
    const toldAtMs = this.toldAtMs.get(reason);
    if (toldAtMs !== undefined && nowMs - toldAtMs < QUIET_MS) return;
    this.toldAtMs.set(reason, nowMs);
    const lost = count === 0 ? '' : ` (${count} events lost)`;
    process.stderr.write(`plumbline: ${reason}: ${message}${lost}\n`);
  }
}
