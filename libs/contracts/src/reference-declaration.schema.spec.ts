import { modelDeclarationSchema } from './model.schema.js';
import { monitorDeclarationSchema } from './monitor.schema.js';

const faults = (reference: object): string[] => {
  const { error } = modelDeclarationSchema.safeParse({ reference });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('the declaration of a reference', () => {
  it.each([
    [{ kind: 'rolling' }, { kind: 'rolling', length: '28d' }],
    [{ kind: 'seasonal' }, { kind: 'seasonal', period: '7d', count: 1 }],
    [{ kind: 'previous' }, { kind: 'previous' }],
  ])('has defaults: %j', (reference, expected) => {
    expect(modelDeclarationSchema.parse({ reference }).reference).toEqual(expected);
  });

  it.each([
    [{ kind: 'moving' }, /^reference\.kind: .*'uploaded' \| 'fixed' \| 'rolling'/],
    [{}, /^reference\.kind: /],
    [{ kind: 'rolling', length: '28' }, /^reference\.length: must be a whole number and a unit/],
    [{ kind: 'rolling', length: '90s' }, /^reference\.length: must be a whole number of minutes/],
    [{ kind: 'fixed', from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, /^reference\.to: must be later/],
    [
      { kind: 'fixed', from: '2026-01-02T00:00:30Z', to: '2026-01-03T00:00:00Z' },
      /^reference\.from: must be a whole minute/,
    ],
    [{ kind: 'version' }, /^reference\.version: /],
    [{ kind: 'previous', gap: '1d' }, /^reference: .*gap/],
    [{ kind: 'seasonal', count: 9 }, /^reference\.count: /],
  ])('is refused with the field: %j', (reference, fault) => {
    const found = faults(reference);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(fault);
  });

  it('is none of a monitor that compares with nothing', () => {
    const declaration = { detector: 'traffic', reference: { kind: 'previous' } };
    expect(monitorDeclarationSchema.safeParse(declaration).success).toBe(false);
    expect(monitorDeclarationSchema.safeParse({ ...declaration, detector: 'data_quality' }).success).toBe(true);
  });
});
