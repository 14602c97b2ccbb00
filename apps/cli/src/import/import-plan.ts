import type { ColumnMapping } from '@plumbline/contracts';
import { UsageError } from '../cli-error.js';

export type ImportKind = 'predictions' | 'labels';

/** How rows of a file become events. */
export interface ImportPlan {
  readonly kind: ImportKind;
  readonly model: string;
  /** Of predictions; the server's default when undefined. */
  readonly version: string | undefined;
  /** A class goes to `label`, a number of a regression to `value`. */
  readonly answer: 'label' | 'value';
  readonly mapping: ColumnMapping;
  /** Ids of rows without an id column are `<idPrefix>-<row>`. */
  readonly idPrefix: string;
}

/**
 * Returns which of a file's columns are features: those the mapping lists, else all that serve nothing else.
 * @throws UsageError when the mapping names a column the file does not have
 */
export function featureColumnsOf(mapping: ColumnMapping, columns: readonly string[], file: string): readonly string[] {
  const serving = servingColumns(mapping);
  for (const [role, column] of [...serving, ...(mapping.features ?? []).map((name) => ['features', name] as const)]) {
    if (!columns.includes(column)) {
      throw new UsageError(
        `${file} has no column "${column}" (--${role.replace('_', '-')}): its columns are ${columns.join(', ')}`,
      );
    }
  }
  if (mapping.features) return mapping.features;
  const others = new Set([...serving.map(([, column]) => column), ...mapping.ignore]);
  return columns.filter((column) => !others.has(column));
}

/** Returns the columns that an import of this kind reads. */
export function columnsToRead(plan: ImportPlan, features: readonly string[]): readonly string[] {
  const { prediction_id, timestamp, prediction, score, label } = plan.mapping;
  const roles =
    plan.kind === 'labels' ? [prediction_id, timestamp, label] : [prediction_id, timestamp, prediction, score];
  const named = roles.filter((column) => column !== undefined);
  return [...new Set(plan.kind === 'labels' ? named : [...named, ...features])];
}

function servingColumns(mapping: ColumnMapping): readonly (readonly [role: string, column: string])[] {
  const roles = ['prediction_id', 'timestamp', 'prediction', 'score', 'label'] as const;
  return roles.flatMap((role) => (mapping[role] === undefined ? [] : [[role, mapping[role]] as const]));
}
