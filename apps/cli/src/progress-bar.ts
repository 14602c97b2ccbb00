import { Presets, SingleBar } from 'cli-progress';
import type { Output } from './output.js';

/** A bar on the terminal; nothing where nobody would see it. */
export class ProgressBar {
  private readonly bar: SingleBar | undefined;

  /** `format` may use {bar}, {percentage}, {eta} and the names given to `update`. */
  constructor(output: Output, format: string, payload: Record<string, unknown>) {
    if (!output.interactive) return;
    this.bar = new SingleBar({ format, hideCursor: true, stream: process.stderr }, Presets.shades_classic);
    this.bar.start(1, 0, payload);
  }

  update(share: number, payload: Record<string, unknown>): void {
    this.bar?.update(Math.min(share, 1), payload);
  }

  stop(): void {
    this.bar?.stop();
  }
}
