import { z } from 'zod';

/** A secret by reference, so that none is stored: the name of an environment variable of the server, or a file it can read. */
export const secretSchema = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
  z.strictObject({ file: z.string().min(1) }),
]);
export type Secret = z.infer<typeof secretSchema>;

export const webhookUrlSchema = z.url({ protocol: /^https?$/ }).max(2048);
