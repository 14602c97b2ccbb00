import { z } from 'zod';
import { alertLabelNames } from './alert-labels.js';
import { durationSchema } from './duration.schema.js';
import { nameSchema } from './identifiers.schema.js';
import { matchersSchema } from './matcher.schema.js';

const pauseSchema = z.union([z.literal('0s'), durationSchema]);
const timeOfDaySchema = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time of day such as 08:30');
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Hours in which nothing is sent; what still fires is sent when they are over. */
export const muteTimeSchema = z.strictObject({
  weekdays: z.array(z.enum(weekdays)).min(1).optional().describe('on which the time begins; every day when absent'),
  from: timeOfDaySchema.default('00:00'),
  to: timeOfDaySchema.default('24:00').describe('on the day after when it is not later than `from`'),
  time_zone: z
    .string()
    .default('UTC')
    .refine(
      (zone) => {
        try {
          return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
        } catch {
          return false;
        }
      },
      { message: 'must be a time zone such as Europe/Berlin' },
    ),
});
export type MuteTime = z.infer<typeof muteTimeSchema>;

/** Which alerts go to whom, and how often. Alerts that no route of the project takes go to all of its receivers. */
export const routeDeclarationSchema = z.strictObject({
  order: z.number().int().min(0).max(100_000).default(1000).describe('routes are asked in this order, then by name'),
  matchers: matchersSchema.default([]).describe('all must hold; every alert when empty'),
  receivers: z.array(nameSchema).max(20).describe('nobody when empty: such alerts are only listed'),
  continue: z.boolean().default(false).describe('whether later routes are asked too'),
  group_by: z
    .array(z.enum(alertLabelNames))
    .max(alertLabelNames.length)
    .default(['model'])
    .describe('alerts that agree in these labels are one message; one for the project when empty'),
  group_wait: pauseSchema.default('30s').describe('from the first alert of a group to its first message'),
  group_interval: pauseSchema.default('5m').describe('from one message to the next about changes of the group'),
  repeat_interval: durationSchema.default('1d').describe('after which what still fires is sent again'),
  mute: z.array(muteTimeSchema).max(20).default([]),
});
export type RouteDeclaration = z.infer<typeof routeDeclarationSchema>;

export interface Route {
  readonly project: string;
  readonly route: string;
  readonly declaration: RouteDeclaration;
}
