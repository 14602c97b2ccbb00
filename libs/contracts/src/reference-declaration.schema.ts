import { z } from 'zod';
import { minuteDurationSchema } from './duration.schema.js';
import { nameSchema } from './identifiers.schema.js';

const minuteInstantSchema = z.iso.datetime({ offset: true }).refine((text) => Date.parse(text) % 60_000 === 0, {
  message: 'must be a whole minute: cells have a grain of one minute',
});

/**
 * What windows are compared with. All but `uploaded` are read from cells: of the version that is measured, or of another one, in the
 * bins of its stored reference. A widened window takes the place of the window in all of them.
 */
export const referenceDeclarationSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('uploaded') })
    .describe(
      'the newest reference that was posted for the version, a file or a range; the model’s newest when it has none',
    ),
  z
    .strictObject({ kind: z.literal('fixed'), from: minuteInstantSchema, to: minuteInstantSchema })
    .refine(({ from, to }) => Date.parse(to) > Date.parse(from), { path: ['to'], message: 'must be later than `from`' })
    .describe('always the same past period'),
  z
    .strictObject({
      kind: z.literal('rolling'),
      length: minuteDurationSchema.default('28d'),
      gap: minuteDurationSchema.optional().describe('left out between the period and the window; none when absent'),
    })
    .describe('the period before the window'),
  z.strictObject({ kind: z.literal('previous') }).describe('the window before'),
  z
    .strictObject({
      kind: z.literal('seasonal'),
      period: minuteDurationSchema.default('7d'),
      count: z.number().int().min(1).max(8).default(1).describe('so many of the past, taken together'),
    })
    .describe('the same window one period earlier: same time last week'),
  z
    .strictObject({
      kind: z.literal('version'),
      version: nameSchema,
      length: minuteDurationSchema.optional().describe('as long as the window when absent'),
    })
    .describe('what another version predicted in the same window, or in its last one where it has been replaced'),
]);
export type ReferenceDeclaration = z.infer<typeof referenceDeclarationSchema>;

/** Compared with what was posted, unless a declaration says otherwise. */
export const DEFAULT_REFERENCE: ReferenceDeclaration = { kind: 'uploaded' };

export type MovingReferenceDeclaration = Exclude<ReferenceDeclaration, { kind: 'uploaded' }>;
