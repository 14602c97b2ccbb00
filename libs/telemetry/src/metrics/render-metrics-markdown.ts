import type { Registry } from 'prom-client';
import { renderMarkdownTable } from '../markdown-table.js';
import { describeMetrics } from './describe-metrics.js';

/** docs/metrics.md: every metric of our own in the registry. */
export function renderMetricsMarkdown(registry: Pick<Registry, 'getMetricsAsArray'>): string {
  const rows = describeMetrics(registry).map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ]);
  return `# Metrics

Generated from the registry by \`npm run docs:generate\`; do not edit.

\`GET /metrics\` answers in the OpenMetrics format. Beside these there are the metrics of the process that prom-client collects:
\`process_*\` and \`nodejs_*\`.

${renderMarkdownTable(['metric', 'type', 'labels', 'meaning'], rows)}`;
}
