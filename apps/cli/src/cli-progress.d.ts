/** The part of cli-progress that is used; the package has no types of its own. */
declare module 'cli-progress' {
  export interface SingleBarOptions {
    readonly format?: string;
    readonly stream?: NodeJS.WritableStream;
    readonly hideCursor?: boolean;
    readonly clearOnComplete?: boolean;
  }
  export class SingleBar {
    constructor(options: SingleBarOptions, preset?: unknown);
    start(total: number, startValue: number, payload?: Record<string, unknown>): void;
    update(value: number, payload?: Record<string, unknown>): void;
    stop(): void;
  }
  export const Presets: { readonly shades_classic: unknown };
}
