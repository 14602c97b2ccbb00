import { z } from 'zod';

/** A drift method as GET /v1/methods tells of it. */
export const methodSchema = z.object({
  id: z.string().describe('stored with every measurement; keeps its meaning for ever'),
  label: z.string(),
  formula: z.string().describe('p: shares of the reference, q: of the window; n, m: their rows; B: bins'),
  bins: z.string().describe('into which bins numbers go'),
  kinds: z.array(z.enum(['numeric', 'categorical'])).describe('boolean features count as categorical'),
  default_thresholds: z
    .object({ warning: z.number(), critical: z.number() })
    .describe('what is usual as bounds of the effect; only thresholds that a monitor declares decide'),
  minimum_rows: z.string(),
  reference: z.string().describe('where the definition comes from'),
  from_bins: z
    .enum(['exact', 'bounded', 'raw only'])
    .describe('what counts over bins give: the number of the raw values, one with an error bound, or nothing'),
  in_monitors: z.boolean().describe('whether a monitor can name it'),
  effect: z.string().describe('what a threshold is compared with'),
});
export type MethodReply = z.infer<typeof methodSchema>;
