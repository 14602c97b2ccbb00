export type ScipySeries =
  | readonly (number | string)[]
  /** Two cases describe their sample instead of listing it. */
  | { readonly gen: string; readonly n?: number; readonly m?: number; readonly shift?: number };

/** A case of the file scipy_cases; which inputs it has depends on its function. */
export interface ScipyCase {
  readonly name: string;
  readonly function: string;
  readonly input: {
    readonly x: ScipySeries;
    readonly y: ScipySeries;
    readonly x_weights?: readonly number[];
    readonly y_weights?: readonly number[];
    readonly p: readonly number[];
    readonly q: readonly number[];
    readonly table: readonly (readonly number[])[];
    readonly y_true: readonly (number | string)[];
    readonly y_pred: readonly (number | string)[];
    readonly y_prob: readonly number[] | readonly (readonly number[])[];
    readonly y_score: readonly number[] | readonly (readonly number[])[];
  };
  readonly params: Readonly<Record<string, unknown>>;
  /** Its shape depends on the function. */
  readonly expected: never;
  /** The message, where the function raises. */
  readonly raises?: string;
}
