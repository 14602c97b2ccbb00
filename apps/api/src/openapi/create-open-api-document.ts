import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import {
  COLUMNS_CONTENT_TYPE,
  CLOUD_EVENT_BATCH_CONTENT_TYPE,
  CLOUD_EVENT_CONTENT_TYPE,
  columnMappingSchema,
  labelWireSchema,
  predictionColumnsWireSchema,
  predictionWireSchema,
  problemSchema,
  featureImportanceSchema,
  referenceRangeSchema,
} from '@plumbline/contracts';
import { z } from 'zod';
import { eventContentTypes } from '../intake/event-format.js';
import { referenceFileTypes } from '../references/references.controller.js';
import { schemaNames } from './schema-names.js';

type JsonSchema = Record<string, unknown>;
type Direction = 'input' | 'output';
type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const METHODS = ['get', 'put', 'post', 'delete'] as const;

/** Returns the OpenAPI 3.1 document of the API: routes from the controllers, shapes from the very schemas that check them. */
export function createOpenApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Plumbline')
    .setDescription(
      'Monitoring of deployed machine-learning models. Errors are problem+json (RFC 9457). Lists are paged: pass `next_cursor` as `cursor`.',
    )
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'an API key' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key' }, 'apiKey')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? named(schema, schemaType) : undefined,
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/'));
  document.paths = Object.fromEntries(paths.sort(([left], [right]) => left.localeCompare(right)));
  const schemas: Schemas = ((document.components ??= {}).schemas ??= {});
  const reference = (schema: z.ZodType): JsonSchema => {
    const { schema: pointer, components } = named(schema, 'input');
    Object.assign(schemas, components);
    return pointer;
  };
  describeIntake(operationAt(document, '/v1/predictions', 'post'), reference(predictionWireSchema), {
    [COLUMNS_CONTENT_TYPE]: { schema: reference(predictionColumnsWireSchema) },
  });
  describeIntake(operationAt(document, '/v1/labels', 'post'), reference(labelWireSchema), {});
  reference(columnMappingSchema);
  describeUpload(
    operationAt(document, '/v1/models/{model}/versions/{version}/reference', 'post'),
    reference(referenceRangeSchema),
  );
  describeImportance(
    operationAt(document, '/v1/models/{model}/feature-importance', 'put'),
    reference(featureImportanceSchema),
  );
  const problem = reference(problemSchema);
  for (const [, item] of paths) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation !== undefined) describeErrors(operation, problem);
    }
  }
  return document;
}

/** JSON Schema of a zod schema: a pointer to a component when it has a name. */
function named(schema: z.ZodType, io: Direction): { schema: JsonSchema; components: Record<string, JsonSchema> } {
  const components: Record<string, JsonSchema> = {};
  const pointerTo = (inner: z.ZodType): JsonSchema | undefined => {
    const name = schemaNames.get(inner);
    if (name === undefined) return undefined;
    components[name] ??= plain(inner, io, () => undefined);
    return { $ref: `#/components/schemas/${name}` };
  };
  return { schema: pointerTo(schema) ?? plain(schema, io, pointerTo), components };
}

function plain(schema: z.ZodType, io: Direction, pointerTo: (inner: z.ZodType) => JsonSchema | undefined): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const pointer = pointerTo(zodSchema as unknown as z.ZodType);
      if (pointer === undefined) return;
      for (const key of Object.keys(jsonSchema)) delete (jsonSchema as JsonSchema)[key];
      Object.assign(jsonSchema, pointer);
    },
  });
  return json;
}

/** @throws Error when the route was renamed and the document was not */
function operationAt(document: OpenAPIObject, path: string, method: 'post' | 'put'): Operation {
  const operation = document.paths[path]?.[method];
  if (operation === undefined) throw new Error(`there is no ${method} ${path} to describe`);
  return operation;
}

function describeImportance(operation: Operation, importance: JsonSchema): void {
  const csv = { type: 'string', example: 'feature,importance\nincome,0.4' };
  const content = { 'application/json': { schema: importance }, 'text/csv': { schema: csv } };
  operation.requestBody = { required: true, content };
}

function describeIntake(
  operation: Operation,
  event: JsonSchema,
  others: Readonly<Record<string, { readonly schema: JsonSchema }>>,
): void {
  const events = Object.fromEntries(
    eventContentTypes.map((type) => [
      type,
      {
        schema: bodySchema(type, event),
      },
    ]),
  );
  const content = { ...events, ...others };
  operation.requestBody = { required: true, description: 'plain, or with Content-Encoding: gzip', content };
  Object.assign(operation.responses, {
    '400': {
      description:
        'the body is not JSON, or every event was refused: then `accepted`, `rejected_count` and `rejected` are there too',
      content: {
        'application/problem+json': {
          schema: {
            anyOf: [
              { $ref: '#/components/schemas/Problem' },
              { allOf: [{ $ref: '#/components/schemas/Problem' }, { $ref: '#/components/schemas/IntakeReply' }] },
            ],
          },
        },
      },
    },
  });
}

function bodySchema(contentType: string, event: JsonSchema): JsonSchema {
  const cloudEvent = {
    type: 'object',
    description: 'a CloudEvent in structured mode; in binary mode send application/json with headers ce-*',
    properties: {
      specversion: { const: '1.0' },
      id: { type: 'string' },
      source: { type: 'string' },
      type: { type: 'string', description: 'ai.plumbline.prediction or ai.plumbline.label' },
      time: { type: 'string', description: 'stands in for a missing timestamp' },
      data: event,
    },
    required: ['specversion', 'id', 'source', 'type', 'data'],
  };
  switch (contentType) {
    case 'application/json':
      return { oneOf: [event, { type: 'array', items: event }] };
    case CLOUD_EVENT_CONTENT_TYPE:
      return cloudEvent;
    case CLOUD_EVENT_BATCH_CONTENT_TYPE:
      return { type: 'array', items: cloudEvent };
    default:
      return { type: 'string', description: 'one event per line, each as in application/json' };
  }
}

function describeUpload(operation: Operation, range: JsonSchema): void {
  const file = { schema: { type: 'string', format: 'binary' } };
  operation.requestBody = {
    required: true,
    content: {
      ...Object.fromEntries(referenceFileTypes.map((type) => [type, file])),
      'application/json': { schema: range },
    },
  };
}

function describeErrors(operation: Operation, problem: JsonSchema): void {
  operation.security = [{ bearer: [] }, { apiKey: [] }];
  const content = { 'application/problem+json': { schema: problem } };
  const retry = { 'Retry-After': { description: 'seconds to wait', schema: { type: 'integer' as const } } };
  Object.assign(operation.responses, {
    '401': { description: 'no API key, or one that is not known', content },
    '403': { description: 'the API key lacks the scope', content },
    ...(operation.requestBody === undefined
      ? {}
      : {
          '413': { description: 'the body is too large', content },
          '415': { description: 'the content type or encoding is not understood', content },
        }),
    '429': { description: 'no room now', headers: retry, content },
    '503': { description: 'cannot be served now', headers: retry, content },
    default: { description: 'any other error', content },
  });
}
