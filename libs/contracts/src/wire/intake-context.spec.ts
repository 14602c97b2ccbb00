import { configurationSchema } from '../configuration.schema.js';
import { IntakeContexts } from './intake-context.js';

const NOW_MS = Date.UTC(2026, 0, 8);

describe('IntakeContexts', () => {
  it.each([
    ['a year', '365d', NOW_MS - 365 * 86_400_000],
    ['longer than there have been milliseconds to count', '36500d', 0],
  ])('takes events as old as %s', (_, maxAge, oldestMs) => {
    const contexts = new IntakeContexts(configurationSchema.parse({ intake: { maxAge } }), String);
    expect(contexts.create('p', NOW_MS, () => true)).toMatchObject({ oldestMs });
  });
});
