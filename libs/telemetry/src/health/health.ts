export interface CheckResult {
  readonly ok: boolean;
  /** What is wrong, in a sentence without secrets: /readyz shows it to everybody. */
  readonly detail?: string;
}

export interface Readiness {
  readonly status: 'ready' | 'not_ready' | 'draining';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Longer than that and a check says nothing useful any more: kubelet gives a probe one second unless told otherwise. */
const CHECK_TIMEOUT_MS = 5_000;

/** Whether this process should be sent work: all checks hold and it is not on its way down. */
export class Health {
  private readonly checks = new Map<string, () => Promise<CheckResult>>();
  private draining = false;

  constructor(private readonly checkTimeoutMs = CHECK_TIMEOUT_MS) {}

  /** @throws Error when the name is taken: the check that was there would silently stop counting */
  register(name: string, check: () => Promise<CheckResult>): void {
    if (this.checks.has(name)) throw new Error(`health check "${name}" is registered twice`);
    this.checks.set(name, check);
  }

  /** From now on not ready: the first step of a shutdown. */
  setDraining(): void {
    this.draining = true;
  }

  async readiness(): Promise<Readiness> {
    const names = [...this.checks.keys()];
    const results = await Promise.all([...this.checks.values()].map((check) => this.run(check)));
    const checks = Object.fromEntries(names.map((name, index) => [name, results[index]!]));
    if (this.draining) return { status: 'draining', checks };
    return { status: results.every(({ ok }) => ok) ? 'ready' : 'not_ready', checks };
  }

  /** A check that throws or hangs fails like one that says so. */
  private async run(check: () => Promise<CheckResult>): Promise<CheckResult> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<CheckResult>((resolve) => {
      const detail = `no answer within ${this.checkTimeoutMs} ms`;
      timer = setTimeout(() => resolve({ ok: false, detail }), this.checkTimeoutMs);
    });
    try {
      return await Promise.race([check(), timeout]);
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}
