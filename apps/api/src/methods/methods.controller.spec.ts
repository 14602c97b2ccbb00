import { driftMethods, methodSchema } from '@plumbline/contracts';
import { MethodsController } from './methods.controller.js';

describe('GET /v1/methods', () => {
  const { items } = new MethodsController().list();

  it('describes every method that a monitor can name, and says which it cannot', () => {
    expect(
      items
        .filter((method) => method.in_monitors)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...driftMethods].sort());
    expect(items.filter((method) => !method.in_monitors).map(({ id, from_bins }) => [id, from_bins])).toEqual([
      ['js.doane', 'raw only'],
    ]);
  });

  it('says formula, bins, thresholds, minimum and source of each', () => {
    for (const method of items) {
      expect(methodSchema.parse(method)).toEqual(method);
      expect(method.default_thresholds.warning).toBeLessThan(method.default_thresholds.critical);
      for (const text of [method.label, method.formula, method.bins, method.minimum_rows, method.reference]) {
        expect(text).not.toBe('');
      }
    }
  });
});
