import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { ConfigurationError } from './configuration-error.js';
import type { SettingDescription } from './describe-configuration.js';
import { describeConfiguration } from './describe-configuration.js';
import { nearestName } from './nearest-name.js';
import { REDACTED } from './redact-configuration.js';

const FILE_VARIABLE = 'PLUMBLINE_CONFIG_FILE';

/** Passwords and tokens of receivers and pipelines, which declarations refer to by name: settings of users, not of the server. */
const SECRET_PREFIX = 'PLUMBLINE_SECRET_';

/** Not settings of a server: where its file is, and what the command line and the SDKs read. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([FILE_VARIABLE, 'PLUMBLINE_URL', 'PLUMBLINE_API_KEY']);

export interface ConfigurationSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of a YAML file; PLUMBLINE_CONFIG_FILE when absent. */
  readonly file?: string;
}

type Settings = Record<string, unknown>;

/**
 * The configuration, frozen at every depth: environment variables over the YAML file over the defaults of the schema. An empty
 * variable and a YAML key without a value count as not given.
 * @throws ConfigurationError naming every wrong or unknown setting, its value unless secret, and what to write instead
 */
export function loadConfiguration<S extends z.ZodObject>(schema: S, source: ConfigurationSource): z.output<S> {
  const rows = describeConfiguration(schema);
  const settings = readFile(source.file ?? source.env[FILE_VARIABLE]);
  const unknownVariables = applyEnvironment(settings, rows, source.env);
  const result = schema.safeParse(settings);
  const invalid = result.success
    ? []
    : result.error.issues.flatMap((issue) => problemsOf(issue, rows, settings, source));
  if (!result.success || unknownVariables.length > 0) throw new ConfigurationError([...unknownVariables, ...invalid]);
  return deepFreeze(result.data);
}

function readFile(file: string | undefined): Settings {
  if (file === undefined || file === '') return {};
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // The lines after the first quote the file, and the quoted line may hold a secret.
    const reason = String(error instanceof Error ? error.message : error).split('\n', 1)[0];
    throw new ConfigurationError([`the configuration file ${file} cannot be read: ${reason}`]);
  }
  if (content === null || content === undefined) return {};
  if (!isMap(content)) {
    throw new ConfigurationError([
      `the configuration file ${file} must hold a map of settings, as in "http: { port: 8080 }"`,
    ]);
  }
  return withoutEmpty(content);
}

/** Without keys that have no value: `port:` with its value commented out must not become Number(null), which is 0. */
function withoutEmpty(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, isMap(value) ? withoutEmpty(value) : value]),
  );
}

/** Writes the variables into the settings; returns what is wrong with the names of the others. */
function applyEnvironment(
  settings: Settings,
  rows: readonly SettingDescription[],
  env: ConfigurationSource['env'],
): string[] {
  const rowOf = new Map(rows.map((row) => [row.env, row]));
  const unknown: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('PLUMBLINE_') || text === undefined || text.trim() === '') continue;
    const row = rowOf.get(name);
    if (row) assign(settings, row.path.split('.'), text);
    else if (!OTHER_VARIABLES.has(name) && !name.startsWith(SECRET_PREFIX) && !isServiceLink(name, text)) {
      unknown.push(
        `environment variable ${name} is no setting; the nearest is ${nearestName(name, rowOf.keys()) ?? 'none'}`,
      );
    }
  }
  return unknown;
}

/**
 * Kubernetes puts PLUMBLINE_SERVICE_HOST, PLUMBLINE_PORT=tcp://… and more into every pod beside a Service named "plumbline":
 * refusing those would keep a server from starting because of its own Service.
 */
function isServiceLink(name: string, text: string): boolean {
  return /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name) || /^(tcp|udp|sctp):\/\//.test(text);
}

function assign(settings: Settings, path: readonly string[], text: string): void {
  const [name, ...rest] = path;
  if (rest.length === 0) {
    settings[name!] = text;
    return;
  }
  const group = (settings[name!] ??= {});
  // A group that is no map is reported as such by the schema.
  if (isMap(group)) assign(group, rest, text);
}

function problemsOf(
  issue: z.core.$ZodIssue,
  rows: readonly SettingDescription[],
  settings: Settings,
  source: ConfigurationSource,
): string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownPaths(rows);
    return issue.keys.map((key) => {
      const path = [...issue.path, key].join('.');
      return `${path} in the configuration file is no setting; the nearest is ${nearestName(path, known) ?? 'none'}`;
    });
  }
  const path = issue.path.join('.');
  const row = rows.find((candidate) => path === candidate.path || path.startsWith(`${candidate.path}.`));
  if (!row) return [`${path}: ${issue.message}`];
  const given = valueAt(settings, row.path.split('.'));
  const fromEnvironment = source.env[row.env] !== undefined && source.env[row.env] === given;
  const origin = fromEnvironment ? `environment variable ${row.env}` : `${row.path} in the configuration file`;
  const state = given === undefined ? 'it is not set' : `${origin} is ${row.secret ? REDACTED : JSON.stringify(given)}`;
  const example = row.default === undefined ? '' : `, as in the default ${JSON.stringify(row.default)}`;
  const meaning = row.description === '' ? '' : ` (${row.description})`;
  return [`${path}: ${issue.message}; ${state}. Set ${row.env} or ${row.path} to: ${row.type}${example}${meaning}`];
}

/** Paths of settings and of the groups above them. */
function knownPaths(rows: readonly SettingDescription[]): Set<string> {
  return new Set(
    rows.flatMap(({ path }) => {
      const names = path.split('.');
      return names.map((_, index) => names.slice(0, index + 1).join('.'));
    }),
  );
}

function valueAt(settings: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isMap(value) ? value[name] : undefined), settings);
}

function isMap(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
