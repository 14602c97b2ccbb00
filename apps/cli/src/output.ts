/** Where a command writes. `stdout` is for results only, so that `--json` can be piped; everything else goes to `stderr`. */
export interface OutputStreams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** The two faces of each command's answer: text for people, one JSON document for machines. */
export class Output {
  constructor(
    private readonly streams: OutputStreams,
    readonly json: boolean,
  ) {}

  /** True when a progress bar would be seen by a person and would not end in a log. */
  get interactive(): boolean {
    return this.streams.stderr.isTTY === true && !this.json;
  }

  get colour(): boolean {
    return this.streams.stdout.isTTY === true && !this.json;
  }

  /** Writes the result: `value` as JSON with --json, else `text`. */
  result(value: unknown, text: string): void {
    this.streams.stdout.write(this.json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
  }

  /** Writes a line for people; nothing with --json. */
  line(text = ''): void {
    if (!this.json) this.streams.stdout.write(`${text}\n`);
  }

  /** Writes a remark beside the result. */
  note(text: string): void {
    this.streams.stderr.write(`${text}\n`);
  }
}
