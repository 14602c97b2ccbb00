import { z } from 'zod';

/** An error reply: RFC 9457 (application/problem+json), with what is wrong field by field and the id of the request. */
export const problemSchema = z.object({
  type: z.string().describe('about:blank: the status says what kind of problem it is'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe('what is wrong and what to do'),
  errors: z
    .array(z.object({ field: z.string(), message: z.string() }))
    .optional()
    .describe('the fields at fault, as dotted paths'),
  request_id: z.string(),
});
export type ProblemReply = z.infer<typeof problemSchema>;
