import { z } from 'zod';
import { renderConfigurationMarkdown } from './render-configuration-markdown.js';

describe('renderConfigurationMarkdown', () => {
  it('has a row for each setting, with bars escaped and secrets marked', () => {
    const schema = z.strictObject({
      log: z.strictObject({ format: z.enum(['json', 'text']).default('json') }),
      key: z.string().meta({ secret: true }).describe('of the\nhash'),
    });
    const lines = renderConfigurationMarkdown(schema).split('\n');
    expect(lines).toContain('| `log.format` | `PLUMBLINE_LOG_FORMAT` | "json" \\| "text" | `"json"` |  |');
    expect(lines).toContain('| `key` | `PLUMBLINE_KEY` | text |  | of the hash (secret) |');
    expect(lines.at(-1)).toBe('');
  });
});
