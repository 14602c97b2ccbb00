import { z } from 'zod';
import { describeConfiguration } from './describe-configuration.js';

describe('describeConfiguration', () => {
  it('has one row for each leaf, in order, with the path as environment variable', () => {
    const schema = z.strictObject({
      name: z.string().describe('who'),
      intake: z
        .strictObject({ maxBodyBytes: z.coerce.number().int().default(10), deep: z.strictObject({ er: z.boolean() }) })
        .prefault({ deep: { er: true } }),
    });
    expect(describeConfiguration(schema)).toEqual([
      { path: 'name', env: 'PLUMBLINE_NAME', type: 'text', default: undefined, description: 'who', secret: false },
      {
        path: 'intake.maxBodyBytes',
        env: 'PLUMBLINE_INTAKE_MAX_BODY_BYTES',
        type: 'integer',
        default: 10,
        description: '',
        secret: false,
      },
      {
        path: 'intake.deep.er',
        env: 'PLUMBLINE_INTAKE_DEEP_ER',
        type: 'boolean',
        default: undefined,
        description: '',
        secret: false,
      },
    ]);
  });

  it.each<[string, z.ZodType, string, unknown]>([
    ['text', z.string(), 'text', undefined],
    ['a URL', z.url().optional(), 'URL', undefined],
    ['a number', z.coerce.number().positive().default(1.5), 'number', 1.5],
    ['an integer', z.number().int(), 'integer', undefined],
    [
      'a duration',
      z
        .string()
        .refine((text) => text !== '')
        .default('30s'),
      'duration',
      '30s',
    ],
    ['an enum', z.enum(['json', 'text']).default('json'), '"json" | "text"', 'json'],
    ['literals', z.literal(['a', 1]), '"a" | 1', undefined],
    ['a switch', z.stringbool().or(z.boolean()).default(true), 'boolean', true],
    ['a list', z.array(z.string()).default([]), 'list of text', []],
    ['a list after preprocessing', z.preprocess((x) => x, z.array(z.string()).default([])), 'list of text', []],
    ['text before a transformation', z.string().transform((text) => text.length), 'text', undefined],
    ['a union', z.union([z.number().int(), z.enum(['auto'])]).nullable(), 'integer | "auto"', undefined],
  ])('knows type and default of %s', (_, schema, type, fallback) => {
    expect(describeConfiguration(z.strictObject({ it: schema }))).toMatchObject([{ type, default: fallback }]);
  });

  it('takes environment variable, description and secrecy from any layer, the outer one first', () => {
    const schema = z.strictObject({
      outer: z.string().describe('inner').default('x').meta({ env: 'PLUMBLINE_OTHER' }).describe('outer'),
      inner: z.string().meta({ secret: true }).describe('inner').optional(),
      group: z.preprocess((value) => value, z.string()).meta({ secret: true }),
    });
    expect(describeConfiguration(schema)).toMatchObject([
      { env: 'PLUMBLINE_OTHER', description: 'outer', secret: false },
      { env: 'PLUMBLINE_INNER', description: 'inner', secret: true },
      { secret: true },
    ]);
  });
});
