import { z } from 'zod';
import { durationSchema, minuteDurationSchema, parseDuration } from './duration.schema.js';
import { referenceDeclarationSchema } from './reference-declaration.schema.js';
import { MAX_FEATURE_NAME_LENGTH, nameSchema } from './identifiers.schema.js';

export const taskSchema = z.enum(['binary', 'multiclass', 'regression']);
export type Task = z.infer<typeof taskSchema>;

export const featureKindSchema = z.enum(['numeric', 'categorical', 'boolean']);
export type FeatureKind = z.infer<typeof featureKindSchema>;

export const FEATURE_NAME_PATTERN = /^[^$\u0000-\u001f][^\u0000-\u001f]*$/;

/** A feature name: anything printable that neither starts with "$" (reserved) nor hides control characters. */
export const featureNameSchema = z
  .string()
  .min(1)
  .max(MAX_FEATURE_NAME_LENGTH)
  .regex(FEATURE_NAME_PATTERN, 'must not start with "$" nor hold control characters');

export const featureSchema = z.strictObject({
  name: featureNameSchema,
  kind: featureKindSchema,
  importance: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'weight in the drift summary, for ranking and for retraining policies, 0 to 1; an uploaded one outranks it',
    ),
});
export type Feature = z.infer<typeof featureSchema>;

/** Numbers from `from` (inclusive) to `to` (exclusive); open where one of them is absent. */
export const numberRangeSchema = z
  .strictObject({ from: z.number().optional(), to: z.number().optional() })
  .refine(({ from, to }) => from !== undefined || to !== undefined, {
    message: 'must have `from` or `to`',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    message: '`from` must be below `to`: the range is half-open',
  });
export type NumberRange = z.infer<typeof numberRangeSchema>;

/** Values that get a segment of their own where the declaration names no limit. */
export const DEFAULT_SEGMENT_VALUES = 20;
/** Segments of a model, those by value included: each has cells of its own of every feature. */
export const MAX_SEGMENTS = 100;

/** A value with more characters has no segment of its own. */
export const MAX_SEGMENT_VALUE_LENGTH = 100;
/** Of a segment by value: name, separator, value. */
export const MAX_SEGMENT_NAME_LENGTH = 256;

const classValueSchema = z.union([z.string(), z.number(), z.boolean()]);

/**
 * A slice of the events of a model. With `where`: those whose features or tags equal all the given values or lie in the given
 * ranges; they may overlap. With `by`: a segment for each value of one feature or tag, and one for all other values.
 */
export const segmentSchema = z
  .strictObject({
    name: nameSchema,
    where: z
      .record(z.string(), z.union([classValueSchema, numberRangeSchema]))
      .refine((where) => Object.keys(where).length > 0, {
        message: 'must name at least one feature or tag',
      })
      .optional(),
    by: z
      .string()
      .min(1)
      .max(MAX_FEATURE_NAME_LENGTH)
      .optional()
      .describe('a feature or tag: one segment for each of its values, named like "country=DE"'),
    values: z
      .array(classValueSchema)
      .min(1)
      .max(MAX_SEGMENTS - 1)
      .optional()
      .describe(
        'of `by`: the values with a segment of their own; the most frequent of the reference and the first seen when absent',
      ),
    limit: z
      .number()
      .int()
      .min(1)
      .max(MAX_SEGMENTS - 1)
      .optional()
      .describe(
        `of \`by\`: at most so many values; the others are in the segment "country:other"; ${DEFAULT_SEGMENT_VALUES} when absent`,
      ),
  })
  .superRefine(({ where, by, values, limit }, context) => {
    const fault = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if ((where === undefined) === (by === undefined))
      fault('where', 'must have either `where` (a slice) or `by` (a segment for each value)');
    if (values !== undefined && by === undefined) fault('values', 'belongs to `by`: write the values into `where`');
    if (limit !== undefined && by === undefined) fault('limit', 'belongs to `by`: a slice by `where` is one segment');
    if (limit !== undefined && values !== undefined)
      fault('limit', 'has no meaning beside `values`: leave one of them out');
  });
export type Segment = z.infer<typeof segmentSchema>;

/** Returns how many segments a declaration makes at most, the one of all other values included. */
export function segmentCount({ by, values, limit }: Segment): number {
  return by === undefined ? 1 : (values?.length ?? limit ?? DEFAULT_SEGMENT_VALUES) + 1;
}

/** Which segments a monitor looks at: the name of one, "*" for all, or the name of a declaration by value for all its values. */
export const segmentSelectionSchema = z
  .string()
  .min(1)
  .max(MAX_SEGMENT_NAME_LENGTH)
  .regex(/^[^\u0000-\u001f\u007f]+$/, 'must not hold control characters');

const segmentsSchema = z
  .array(segmentSchema)
  .max(MAX_SEGMENTS)
  .superRefine((segments, context) => {
    const names = new Set<string>();
    segments.forEach(({ name }, index) => {
      if (names.has(name)) {
        const message = `is declared twice: "${name}" is the name of a segment above`;
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
      names.add(name);
    });
    const count = segments.reduce((sum, segment) => sum + segmentCount(segment), 0);
    if (count > MAX_SEGMENTS) {
      const message = `may be ${count} segments, more than ${MAX_SEGMENTS}: each has cells of its own of every feature. Lower a \`limit\`, or declare fewer`;
      context.addIssue({ code: 'custom', message });
    }
  });

export const instantSchema = z.iso.datetime({ offset: true });

const anchorSchema = instantSchema.refine((text) => Date.parse(text) % 60_000 === 0, {
  message: 'must be a whole minute',
});

/** How windows of a model or monitor lie in event time: [anchor + k·every, anchor + (k+1)·every), closed `settle` after their end. */
export const windowingSchema = z.strictObject({
  every: minuteDurationSchema.default('1d'),
  anchor: anchorSchema.default('1970-01-01T00:00:00Z'),
  settle: durationSchema.default('5m').describe('how long after its end a window waits for late events'),
});
export type Windowing = z.infer<typeof windowingSchema>;

/** What a monitor changes of its model's windows: no defaults, or naming one setting would reset the others. */
export const windowingOverrideSchema = z.strictObject({
  every: minuteDurationSchema.optional(),
  anchor: anchorSchema.optional(),
  settle: durationSchema.optional(),
});
export type WindowingOverride = z.infer<typeof windowingOverrideSchema>;

/** Names that stand for something of the alert in addresses of a model's pages. */
export const linkPlaceholders = ['project', 'model', 'version', 'monitor', 'feature', 'segment', 'from', 'to'] as const;
export type LinkPlaceholder = (typeof linkPlaceholders)[number];

const linkTemplateSchema = z
  .string()
  .max(2_000)
  .superRefine((text, context) => {
    for (const [, name] of text.matchAll(/\{([^{}]*)\}/g)) {
      if (linkPlaceholders.some((known) => known === name)) continue;
      const names = linkPlaceholders.map((known) => `{${known}}`).join(', ');
      context.addIssue({ code: 'custom', message: `knows no {${name}}: write one of ${names}` });
    }
    if (!/^https?:\/\/[^/{}]/i.test(text))
      context.addIssue({ code: 'custom', message: 'must begin with https:// or http://' });
  });

/** Pages about a model that messages point to. */
export const modelLinksSchema = z.strictObject({
  dashboard: linkTemplateSchema.optional().describe('{from} and {to} are the window, in milliseconds since 1970'),
  runbook: linkTemplateSchema
    .optional()
    .describe('what to do; {monitor}, {feature} and others stand for those of the alert'),
});
export type ModelLinks = z.infer<typeof modelLinksSchema>;

/** What labels of a model are like. */
export const labelDeclarationSchema = z.strictObject({
  horizon: durationSchema
    .default('30d')
    .describe('how long after the end of a window labels are waited for: performance is provisional until then'),
});

/** Returns how long after the end of a window labels of the model are waited for, in milliseconds. */
export function labelHorizonMs({ labels }: Pick<ModelDeclaration, 'labels'>): number {
  return parseDuration(labels?.horizon ?? '30d');
}

/** What is wrong with ranges of segments: only a number lies in one. */
function rangesFit(
  { features, segments }: { readonly features: readonly Feature[]; readonly segments: readonly Segment[] },
  context: z.RefinementCtx,
): void {
  const kinds = new Map(features.map(({ name, kind }) => [name, kind]));
  segments.forEach(({ where = {} }, index) => {
    for (const [key, wanted] of Object.entries(where)) {
      const kind = kinds.get(key);
      if (typeof wanted !== 'object' || kind === undefined || kind === 'numeric') continue;
      const message = `is a range, and "${key}" is declared as ${kind}: name a value, or declare it as numeric`;
      context.addIssue({ code: 'custom', path: ['segments', index, 'where', key], message });
    }
  });
}

/** What a person declares of a model; everything has a default, so `{}` is a declaration. */
export const modelDeclarationSchema = z
  .strictObject({
    task: taskSchema.optional().describe('inferred from the first predictions when absent'),
    positive_class: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe('of a binary model; default "1", else the last class in text order'),
    features: z.array(featureSchema).max(10_000).default([]),
    segments: segmentsSchema.default([]),
    windows: windowingSchema.prefault({}).describe('default windows of this model’s monitors'),
    default_monitors: z.boolean().default(true),
    reference: referenceDeclarationSchema
      .optional()
      .describe('what windows are compared with: what was posted, when absent'),
    false_alarms_per_month: z
      .number()
      .gt(0)
      .max(1000)
      .default(1)
      .describe('budget: false alarms to expect in 30 days; the monitors that name no alpha share it'),
    labels: labelDeclarationSchema.optional(),
    links: modelLinksSchema.optional().describe('of messages about its alerts'),
  })
  .superRefine(rangesFit);
export type ModelDeclaration = z.infer<typeof modelDeclarationSchema>;

/** A model as the registry knows it: declared, or inferred from its first events. */
export interface Model {
  readonly project: string;
  readonly model: string;
  readonly declaration: ModelDeclaration;
  /** Whether a person declared it, or its first event registered it. */
  readonly origin: 'declared' | 'inferred';
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** Kind of each feature of a model: declared, or inferred from the first value seen and fixed from then on. */
export interface ModelFeature {
  readonly feature: string;
  readonly kind: FeatureKind;
  readonly importance?: number;
  readonly origin: 'declared' | 'inferred';
}
