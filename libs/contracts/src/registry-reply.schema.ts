import { z } from 'zod';
import { featureKindSchema, modelDeclarationSchema, taskSchema } from './model.schema.js';
import { monitorDeclarationSchema } from './monitor.schema.js';
import { receiverDeclarationSchema } from './receiver.schema.js';
import { retrainingPolicyDeclarationSchema } from './retraining.schema.js';
import { routeDeclarationSchema } from './route.schema.js';

const change = {
  updated_at: z.string(),
  updated_by: z.string(),
};

/** GET /v1/models/{model}: the declaration as it stands, and what is known of features beyond it. */
export const modelReplySchema = z.object({
  model: z.string(),
  origin: z.enum(['declared', 'inferred']).describe('inferred: its first event registered it'),
  ...change,
  ...modelDeclarationSchema.shape,
  known_features: z
    .array(
      z.object({
        name: z.string(),
        kind: featureKindSchema,
        importance: z.number().optional(),
        origin: z.enum(['declared', 'inferred']),
      }),
    )
    .describe('declared ones and those inferred from the first values seen'),
});
export type ModelReply = z.infer<typeof modelReplySchema>;

export const modelSummarySchema = z.object({
  model: z.string(),
  origin: z.enum(['declared', 'inferred']),
  task: taskSchema.nullable().describe('null until it is declared or inferred'),
  ...change,
});
export type ModelSummary = z.infer<typeof modelSummarySchema>;

export const versionReplySchema = z.object({
  version: z.string(),
  first_seen: z.string().describe('minute of its first prediction'),
  last_seen: z.string(),
  predictions: z.number().int(),
});
export type VersionReply = z.infer<typeof versionReplySchema>;

/** A monitor, its declaration, and whether anybody wrote it. */
export const monitorReplySchema = z
  .object({ model: z.string(), monitor: z.string(), origin: z.enum(['default', 'declared']) })
  .and(monitorDeclarationSchema);
export type MonitorReply = z.infer<typeof monitorReplySchema>;

export const receiverReplySchema = z
  .object({
    receiver: z.string(),
    state: z.enum(['active', 'gone']).describe('gone: it answered 410 and is left alone until it is saved again'),
    ...change,
  })
  .and(receiverDeclarationSchema);
export type ReceiverReply = z.infer<typeof receiverReplySchema>;

/** A route: what was declared, and by whom. */
export const routeReplySchema = z.object({ route: z.string(), ...change, ...routeDeclarationSchema.shape });
export type RouteReply = z.infer<typeof routeReplySchema>;

export const retrainingPolicyReplySchema = z.object({
  model: z.string(),
  policy: z.string(),
  ...retrainingPolicyDeclarationSchema.shape,
});
export type RetrainingPolicyReply = z.infer<typeof retrainingPolicyReplySchema>;
