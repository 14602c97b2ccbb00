import type { Report } from './report.js';
import type { ServiceProcess } from './service-process.js';

/** Where a life is to end: at which point, and the how many-th time it is passed. */
export interface Failpoint {
  readonly point: string;
  readonly times: number;
}

/** A process that is started again whenever it ends, as a supervisor does it. */
export class SupervisedProcess {
  private supervised = false;
  private loop: Promise<void> = Promise.resolve();

  /**
   * @param nextFailpoint of the next life; undefined for a life without
   * @param onFailpoint told that a life ended at its point
   */
  constructor(
    readonly process: ServiceProcess,
    private readonly report: Report,
    private readonly nextFailpoint: () => Failpoint | undefined,
    private readonly onFailpoint: (failpoint: Failpoint) => void,
  ) {}

  /** Starts, and keeps starting. */
  begin(): void {
    this.supervised = true;
    this.loop = this.supervise();
  }

  /** Starts it no more. The life that there is goes on. */
  async leave(): Promise<void> {
    this.supervised = false;
    await this.loop;
  }

  private async supervise(): Promise<void> {
    while (this.supervised) {
      const failpoint = this.nextFailpoint();
      this.report.count('starts');
      try {
        await this.process.start({
          failpoint: failpoint === undefined ? undefined : `kill:${failpoint.times}:${failpoint.point}`,
        });
      } catch {
        // Killed while it started, or what it needs at start is away at the moment: it says so and ends.
        this.report.count('starts that failed and were repeated');
        continue;
      }
      while (this.supervised && !(await this.process.gone(200)));
      if (failpoint !== undefined && this.process.endedAtFailpoint) this.onFailpoint(failpoint);
    }
  }
}
