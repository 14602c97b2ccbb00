import type { JsonSchema } from '@plumbline/contracts';

/** Fields that an object at a path of a value may have, by its schema; of the variants that its constants allow. */
export function fieldsAt(schema: JsonSchema, value: unknown, path: readonly PropertyKey[]): readonly string[] {
  const fields = schemasAt(schema, value, path).flatMap(({ properties = {} }) => Object.keys(properties));
  return [...new Set(fields)].sort();
}

/** Constants that may stand at a path of a value, whatever stands there now. */
export function choicesAt(schema: JsonSchema, value: unknown, path: readonly PropertyKey[]): readonly string[] {
  const parents = schemasAt(schema, value, path.slice(0, -1), path.at(-1));
  const found = parents.flatMap(({ properties }) => constantsOf(properties?.[String(path.at(-1))]));
  return [...new Set(found.map(String))];
}

function constantsOf(schema: JsonSchema | undefined): readonly unknown[] {
  if (schema === undefined) return [];
  if (schema.const !== undefined) return [schema.const];
  return schema.enum ?? [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(constantsOf);
}

/** The schemas that may hold at a path. @param ignored a field whose value does not choose between variants */
function schemasAt(
  schema: JsonSchema,
  value: unknown,
  path: readonly PropertyKey[],
  ignored?: PropertyKey,
): readonly JsonSchema[] {
  const [step, ...rest] = path;
  const held = variantsOf(schema, value, step === undefined ? ignored : undefined);
  if (step === undefined) return held;
  const inner = (value as Record<PropertyKey, unknown> | undefined | null)?.[step];
  return held.flatMap(({ properties, items, additionalProperties }) => {
    const next =
      properties?.[String(step)] ??
      items ??
      (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    return next === undefined ? [] : schemasAt(next, inner, rest, ignored);
  });
}

/** Variants of a union that the constants of a value allow; the schema itself when it is no union. */
function variantsOf(schema: JsonSchema, value: unknown, ignored?: PropertyKey): readonly JsonSchema[] {
  const variants = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  if (variants.length === 0) return [schema];
  const held = value as Record<string, unknown> | undefined | null;
  const fits = ({ properties = {} }: JsonSchema): boolean =>
    Object.entries(properties).every(
      ([name, { const: constant }]) => name === ignored || constant === undefined || held?.[name] === constant,
    );
  return variants.flatMap((variant) => variantsOf(variant, value, ignored)).filter(fits);
}
