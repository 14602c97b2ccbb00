import {
  featureAt,
  type FeatureSchema,
  type FeatureValue,
  MISSING_TEXT,
  type PredictionColumns,
} from '@plumbline/contracts';

/** The value of a feature or tag as segments compare it; undefined when it is missing or of the wrong type. */
export type KeyValue = string | number | undefined;

/**
 * Returns what reads one feature of a row, or the tag of that name where the row lacks the feature. A value that does not fit the
 * feature's kind is of the wrong type and reads as undefined, so that it belongs to no segment of the feature: it is counted as
 * invalid, never as a category. A number where a category is declared reads as its text.
 */
export function readKey(
  { features, tags }: PredictionColumns,
  schema: FeatureSchema,
  key: string,
): (row: number) => KeyValue {
  const values = features.get(key);
  const fit = fitOf(schema, key);
  return (row) => {
    const value = values === undefined ? null : featureAt(values, row);
    if (value !== null) return fit(value);
    const ofRow = tags?.[row];
    return ofRow && Object.hasOwn(ofRow, key) ? ofRow[key] : undefined;
  };
}

function fitOf(schema: FeatureSchema, key: string): (value: FeatureValue) => KeyValue {
  if (schema.numberNames.includes(key)) return numberOf;
  if (schema.booleanNames.includes(key)) return booleanOf;
  if (schema.textNames.includes(key)) return (value) => textOf(value) ?? numberOf(value)?.toString();
  // The model has too many features, and this one has no kind.
  return (value) => textOf(value) ?? numberOf(value) ?? booleanOf(value);
}

function numberOf(value: FeatureValue): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function textOf(value: FeatureValue): string | undefined {
  return typeof value === 'string' && value !== MISSING_TEXT ? value : undefined;
}

function booleanOf(value: FeatureValue): string | undefined {
  return typeof value === 'boolean' ? String(value) : undefined;
}
