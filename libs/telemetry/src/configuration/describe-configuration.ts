import { z } from 'zod';

export interface SettingDescription {
  /** Dotted, as in the YAML file. */
  readonly path: string;
  /** Name of the environment variable. */
  readonly env: string;
  /** For people: "integer", "duration", "list of text", `"json" | "text"`. */
  readonly type: string;
  /** Undefined when the setting has none. */
  readonly default: unknown;
  readonly description: string;
  readonly secret: boolean;
}

/**
 * Describes the settings of a schema, in its order: one row for each leaf of its nested objects. `.describe()` gives the
 * description; `.meta({ env, secret })` another environment variable than that of the path, and that the value is hidden.
 */
export function describeConfiguration(schema: z.ZodObject): SettingDescription[] {
  return describeShape(schema.shape, []);
}

function describeShape(shape: z.core.$ZodShape, parents: readonly string[]): SettingDescription[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const path = [...parents, name];
    const { core, fallback, meta } = unwrap(schema);
    if (core._zod.def.type === 'object') return describeShape(core._zod.def.shape, path);
    return [
      {
        path: path.join('.'),
        env: typeof meta.env === 'string' ? meta.env : environmentName(path),
        type: typeName(core, fallback),
        default: fallback,
        description: meta.description ?? '',
        secret: meta.secret === true,
      },
    ];
  });
}

/** PLUMBLINE_INTAKE_MAX_BODY_BYTES of ["intake", "maxBodyBytes"]. */
function environmentName(path: readonly string[]): string {
  const words = path.map((name) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return ['PLUMBLINE', ...words].join('_');
}

interface Unwrapped {
  /** The schema under defaults, optionals and preprocessing. */
  readonly core: z.core.$ZodTypes;
  readonly fallback: unknown;
  /** Of all layers together; the outer one wins. */
  readonly meta: z.core.GlobalMeta;
}

function unwrap(schema: z.core.$ZodType): Unwrapped {
  const core = schema as z.core.$ZodTypes;
  const meta = z.globalRegistry.get(schema) ?? {};
  const { def } = core._zod;
  const inner = 'innerType' in def ? def.innerType : def.type === 'pipe' ? writtenSide(def) : undefined;
  if (!inner) return { core, fallback: undefined, meta };
  const below = unwrap(inner);
  const fallback = def.type === 'default' || def.type === 'prefault' ? def.defaultValue : below.fallback;
  return { core: below.core, fallback, meta: { ...below.meta, ...meta } };
}

/** The side of a pipe that says what a person writes: not the function of `z.preprocess` or `.transform`. */
function writtenSide({ in: input, out: output }: z.core.$ZodPipeDef): z.core.$ZodType {
  return output._zod.def.type === 'transform' ? input : output;
}

function typeName(core: z.core.$ZodTypes, fallback: unknown): string {
  const { def } = core._zod;
  switch (def.type) {
    case 'string':
      if (core instanceof z.ZodURL) return 'URL';
      // A duration is text with a check of its own, which has no name; its default tells.
      return typeof fallback === 'string' && /^\d+[smhdw]$/.test(fallback) ? 'duration' : 'text';
    case 'number':
      return core instanceof z.ZodNumber && core.isInt ? 'integer' : 'number';
    case 'enum':
      return Object.values(def.entries).map(quote).join(' | ');
    case 'literal':
      return def.values.map(quote).join(' | ');
    case 'array':
      return `list of ${typeName(unwrap(def.element).core, undefined)}`;
    case 'union':
      return [...new Set(def.options.map((option) => typeName(unwrap(option).core, fallback)))].join(' | ');
    default:
      return def.type;
  }
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
