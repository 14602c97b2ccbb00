import type { FeatureSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { integer } from '../row-types.js';
import type { Store } from '../store.js';
import { batchToken } from '../batch-token.js';

const selectSchemas = defineQuery({
  name: 'select feature schemas',
  sql: `SELECT schema_id, number_names, text_names, boolean_names FROM feature_schema FINAL
        WHERE schema_id IN ({ids:Array(UInt64)})`,
  params: z.object({ ids: z.array(z.number()) }),
  row: z
    .object({
      schema_id: integer,
      number_names: z.array(z.string()),
      text_names: z.array(z.string()),
      boolean_names: z.array(z.string()),
    })
    .transform((row): FeatureSchema => ({
      schemaId: row.schema_id,
      numberNames: row.number_names,
      textNames: row.text_names,
      booleanNames: row.boolean_names,
    })),
});

/** Writes schemas; each must be there before the first row that names it. */
export async function saveFeatureSchemas(store: Store, schemas: readonly FeatureSchema[]): Promise<void> {
  const rows = schemas.map((schema) => ({
    schema_id: schema.schemaId,
    number_names: schema.numberNames,
    text_names: schema.textNames,
    boolean_names: schema.booleanNames,
  }));
  await store.insert('feature_schema', rows, batchToken('feature_schema', rows));
}

export async function findFeatureSchemas(store: Store, ids: readonly number[]): Promise<Map<number, FeatureSchema>> {
  const schemas = ids.length === 0 ? [] : await store.query(selectSchemas, { ids: [...ids] });
  return new Map(schemas.map((schema) => [schema.schemaId, schema]));
}
