import type { z } from 'zod';
import { renderMarkdownTable } from '../markdown-table.js';
import { describeConfiguration } from './describe-configuration.js';

/** docs/configuration.md: every setting of the schema, in its order. */
export function renderConfigurationMarkdown(schema: z.ZodObject): string {
  const rows = describeConfiguration(schema).map((row) => [
    `\`${row.path}\``,
    `\`${row.env}\``,
    row.type,
    row.default === undefined ? '' : `\`${JSON.stringify(row.default)}\``,
    [row.description, row.secret ? '(secret)' : ''].filter(Boolean).join(' '),
  ]);
  return `# Configuration

Generated from the schema by \`npm run docs:generate\`; do not edit.

Environment variables win over the YAML file named by \`PLUMBLINE_CONFIG_FILE\`, which wins over the defaults. An empty variable
counts as not set. Unknown settings, in the file or as \`PLUMBLINE_*\` variables, are refused. In YAML a setting is written by its
path: \`http.port\` is \`port\` under \`http\`. Durations are a whole number and a unit: \`90s\`, \`5m\`, \`1h\`, \`1d\`, \`1w\`.

${renderMarkdownTable(['setting', 'environment variable', 'type', 'default', 'meaning'], rows)}`;
}
