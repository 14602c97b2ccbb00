import type { AlertReply } from '@plumbline/contracts';
import { numberText } from '../number-text.js';
import type { Output } from '../output.js';
import { DAY_MS } from './demo-plan.js';
import type { ReceivedMessage } from './message-receivers.js';

const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const CYAN = 36;
const INDENT = ' '.repeat(24);

/** Prints the demo as it happens: one line per simulated day, and what came of it below. */
export class Timeline {
  constructor(
    private readonly output: Output,
    private readonly firstDayMs: number,
  ) {}

  day(day: number, events: string): void {
    const date = new Date(this.firstDayMs + (day - 1) * DAY_MS).toISOString().slice(0, 10);
    this.output.line(`day ${String(day).padStart(2)}  ${date}  ${events}`);
  }

  /** A day on which no alert changed; `open` were firing before and still are. */
  unchanged(open: number): void {
    const text =
      open === 0 ? this.paint(GREEN, 'quiet') : this.paint(YELLOW, `nothing new; ${open} alerts still firing`);
    this.output.line(`${INDENT}${text}`);
  }

  /** Alerts of one monitor that fired together. */
  fired(monitor: string, alerts: readonly AlertReply[]): void {
    const worst = alerts.some((alert) => alert.severity === 'critical') ? RED : YELLOW;
    this.output.line(
      `${INDENT}${this.paint(worst, `ALERT ${monitor}`)} (window ends ${alerts[0]!.fired_at.slice(0, 10)})`,
    );
    for (const alert of alerts) this.output.line(`${INDENT}  ${subject(alert)}: ${numbers(alert)}`);
  }

  resolved(monitor: string, alerts: readonly AlertReply[]): void {
    this.output.line(`${INDENT}${this.paint(GREEN, `RESOLVED ${monitor}`)}: ${alerts.map(subject).join(', ')}`);
  }

  /** A message in one line. */
  message({ channel, headline }: ReceivedMessage): void {
    this.remark(`${channel} ${headline}`);
  }

  /** A message as a whole, framed. */
  wholeMessage({ channel, headline, text }: ReceivedMessage): void {
    this.remark(`${channel} ${headline}`);
    for (const line of text.split('\n')) this.output.line(`${INDENT}  │ ${line}`.trimEnd());
  }

  remark(text: string): void {
    this.output.line(`${INDENT}${this.paint(CYAN, text)}`);
  }

  private paint(code: number, text: string): string {
    return this.output.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

function subject({ feature, method, version }: AlertReply): string {
  return `${feature === '' ? method : `${feature} (${method})`}, version ${version}`;
}

function numbers({ value, threshold, severity, reason }: AlertReply): string {
  return `${numberText(value)}, ${severity} from ${numberText(threshold)}. ${reason}`;
}
