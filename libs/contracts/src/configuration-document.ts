import { z } from 'zod';
import { nameSchema } from './identifiers.schema.js';
import { modelDeclarationSchema } from './model.schema.js';
import { monitorDeclarationSchema } from './monitor.schema.js';
import { receiverDeclarationSchema } from './receiver.schema.js';
import { retrainingPolicyDeclarationSchema } from './retraining.schema.js';
import { routeDeclarationSchema } from './route.schema.js';
import { silenceDeclarationSchema } from './silence.schema.js';

/** What a document of configuration can declare, in the order in which it is applied: what others name comes first. */
export const documentKinds = ['model', 'receiver', 'route', 'monitor', 'retraining_policy', 'silence'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** Schema of what stands beside `kind`, `name` and `model`, and whether there is a `model`. */
export const documentDeclarations: Readonly<
  Record<DocumentKind, { readonly ofModel: boolean; readonly schema: z.ZodType<object> }>
> = {
  model: { ofModel: false, schema: modelDeclarationSchema },
  receiver: { ofModel: false, schema: receiverDeclarationSchema },
  route: { ofModel: false, schema: routeDeclarationSchema },
  monitor: { ofModel: true, schema: monitorDeclarationSchema },
  retraining_policy: { ofModel: true, schema: retrainingPolicyDeclarationSchema },
  silence: { ofModel: false, schema: silenceDeclarationSchema },
};

/** The part of JSON Schema that zod writes. */
export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly [keyword: string]: unknown;
}

/** Returns the JSON Schema (draft 2020-12) of one document of a kind, as people write it: what has a default may be left out. */
export function documentJsonSchema(kind: DocumentKind): JsonSchema {
  const { ofModel, schema } = documentDeclarations[kind];
  const declaration = jsonSchema(schema);
  const name = jsonSchema(nameSchema);
  const head: Readonly<Record<string, JsonSchema>> = {
    kind: { const: kind },
    name,
    ...(ofModel ? { model: { ...name, description: 'model that it belongs to' } } : {}),
  };
  return withHead(declaration, head);
}

/** Returns the JSON Schema of a file of documents: one, or in JSON also an array of them. */
export function configurationJsonSchema(): JsonSchema {
  const documents = documentKinds.map(documentJsonSchema);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Plumbline configuration',
    $defs: { document: { anyOf: documents } },
    anyOf: [{ $ref: '#/$defs/document' }, { type: 'array', items: { $ref: '#/$defs/document' } }],
  };
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return rest;
}

/** Adds the head to each variant of an object's schema. */
function withHead(schema: JsonSchema, head: Readonly<Record<string, JsonSchema>>): JsonSchema {
  for (const union of ['oneOf', 'anyOf'] as const) {
    const variants = schema[union];
    if (variants !== undefined) return { ...schema, [union]: variants.map((variant) => withHead(variant, head)) };
  }
  return {
    ...schema,
    properties: { ...head, ...schema.properties },
    required: [...Object.keys(head), ...(schema.required ?? [])],
  };
}
