import { z } from 'zod';
import { nameSchema } from './identifiers.schema.js';
import { featureKindSchema, instantSchema } from './model.schema.js';
import type { MovingReferenceDeclaration } from './reference-declaration.schema.js';

export const fileFormatSchema = z.enum(['parquet', 'csv', 'ndjson']);
export type FileFormat = z.infer<typeof fileFormatSchema>;

/** Which column of a file is what. Columns named nowhere are features unless `features` lists them. */
export const columnMappingSchema = z.strictObject({
  features: z.array(z.string()).optional().describe('all columns that serve nothing else when absent'),
  ignore: z.array(z.string()).default([]),
  prediction_id: z.string().optional(),
  timestamp: z.string().optional(),
  prediction: z.string().optional().describe('column of the predicted class or value'),
  score: z.string().optional().describe('column of the probability of the positive class'),
  label: z.string().optional(),
});
export type ColumnMapping = z.infer<typeof columnMappingSchema>;

/** A reference made of past predictions. */
export const referenceRangeSchema = z.strictObject({ from: instantSchema, to: instantSchema });

/**
 * One series (feature, $prediction or $score) of a reference, reduced to bins. Immutable; `binSetId` is a hash of kind,
 * edges and categories, so cells made with other bins can never be added to these.
 *
 * Bins of a numeric series: `edges` are the inner edges, ascending; bin i is [edges[i-1], edges[i]), outer bins open, so there
 * are edges.length + 1 of them. Bins of a categorical series: one per entry of `categories` in that order, then "other" (values
 * of the reference beyond the listed ones; present in the reference but not listed one by one), then "unseen".
 */
export interface ReferenceSeries {
  readonly series: string;
  readonly kind: 'numeric' | 'categorical' | 'boolean';
  readonly binSetId: string;
  readonly edges: readonly number[];
  /** Indexes into `edges` of the decile edges: the coalescing that gives decile PSI exactly. */
  readonly decileEdgeIndexes: readonly number[];
  readonly categories: readonly string[];
  /** 32-bit hashes of the reference's categories beyond the listed ones, ascending: what tells "other" from "unseen". */
  readonly otherHashes: readonly number[];
  /** Rows per bin; length edges.length + 1, or categories.length + 2 (other, unseen = 0). */
  readonly counts: readonly number[];
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  /** Of the finite numeric values; 0 for other kinds. std is the population one (ddof 0). */
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
  /** Parts of the reference, in order: what chance and habit alone do from one part to the next. Absent where none were kept. */
  readonly chunks?: readonly ReferenceChunk[];
  /** Categories of exactly one row: what unseen ones are to be expected without any drift. Absent where it is not known. */
  readonly singletons?: number;
}

/** One of the parts of equal size (10, where there are rows enough) of a reference series, counted in the bins of the whole. */
export interface ReferenceChunk {
  readonly counts: readonly number[];
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  /** Of the finite numeric values; 0 for other kinds, NaN where it is beyond all doubles. */
  readonly sum: number;
  readonly sumSquares: number;
  /** Infinity and -Infinity without any value. */
  readonly min: number;
  readonly max: number;
}

/** Performance of the model on its own reference: what later windows are compared with. Values of metrics by name. */
export type PerformanceSummary = Readonly<Record<string, number>>;

/**
 * How a reference came about: posted as a file or as a period, made by the server because a period that moves needs bins (`bins`: never
 * compared with), or read from the cells of a period.
 */
export type ReferenceKind = 'uploaded' | 'bins' | MovingReferenceDeclaration['kind'];

export interface ReferenceProfile {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  /** `uploaded` when absent. */
  readonly kind?: ReferenceKind;
  /** Hash of the content: the same data gives the same id. One read from cells says in its id what it was read from. */
  readonly referenceId: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly source: string;
  readonly n: number;
  readonly series: readonly ReferenceSeries[];
  readonly performance: PerformanceSummary;
  /** Rows with a label, which `performance` is of; absent where it is not known. */
  readonly labelled?: number;
}

export const referenceKinds = [
  'uploaded',
  'bins',
  'fixed',
  'rolling',
  'previous',
  'seasonal',
  'version',
] as const satisfies readonly ReferenceKind[];

/** A stored reference in a list. */
export const referenceHeadSchema = z.object({
  reference_id: z.string(),
  kind: z
    .enum(referenceKinds)
    .describe('bins: made by the server, for a period that moves needs bins; nothing is compared with it'),
  model: nameSchema,
  version: nameSchema,
  created_at: z.string(),
  created_by: z.string(),
  source: z.string(),
  rows: z.number().int(),
});
export type ReferenceHeadReply = z.infer<typeof referenceHeadSchema>;

export const referenceSummarySchema = referenceHeadSchema.extend({
  performance: z.record(z.string(), z.number()),
  series: z.array(
    z.object({
      name: z.string(),
      kind: featureKindSchema,
      rows: z.number().int(),
      missing: z.number().int(),
      bins: z.number().int(),
      bin_set_id: z.string(),
    }),
  ),
});
export type ReferenceSummary = z.infer<typeof referenceSummarySchema>;
