import { monitorDeclarationSchema, windowingSchema } from '@plumbline/contracts';
import { resolveWindowing } from './resolved-windowing.js';

describe('resolveWindowing', () => {
  const model = windowingSchema.parse({ every: '6h', anchor: '2026-01-01T01:00:00Z', settle: '10m' });

  it('takes the model’s windows where the monitor says nothing', () => {
    expect(resolveWindowing(model)).toEqual({
      everyMs: 21_600_000,
      anchorMs: Date.parse('2026-01-01T01:00:00Z'),
      settleMs: 600_000,
    });
  });

  it('takes each setting from the monitor where it has one', () => {
    expect(resolveWindowing(model, { every: '1d', settle: '1h' })).toEqual({
      everyMs: 86_400_000,
      anchorMs: Date.parse('2026-01-01T01:00:00Z'),
      settleMs: 3_600_000,
    });
  });

  it('leaves the model’s settings alone that a declaration does not name', () => {
    const { windows } = monitorDeclarationSchema.parse({ detector: 'traffic', windows: { settle: '1h' } });
    expect(resolveWindowing(model, windows)).toMatchObject({ everyMs: 21_600_000, settleMs: 3_600_000 });
  });
});
