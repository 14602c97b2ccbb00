/** One numbered step. Each statement is idempotent, so that a step interrupted half-way can run again. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly statements: readonly string[];
}
