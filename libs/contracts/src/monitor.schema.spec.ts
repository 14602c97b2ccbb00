import { driftMethods, monitorDeclarationSchema } from './monitor.schema.js';

const withThreshold = (threshold: object) =>
  monitorDeclarationSchema.safeParse({ detector: 'feature_drift', thresholds: { 'psi.decile': threshold } });

describe('thresholds of what is compared with a reference', () => {
  it.each([
    [{ warning: 0.1 }],
    [{ kind: 'static', warning: 0.1, critical: 0.25 }],
    [{ kind: 'standard_deviations', warning: 3 }],
    [{ kind: 'quantiles', warning: 0.95, critical: 1 }],
    [{ kind: 'auto' }],
    [{ kind: 'auto', critical: 0.25 }],
  ])('takes %j as it stands', (threshold) => {
    expect(withThreshold(threshold).data).toMatchObject({ thresholds: { 'psi.decile': threshold } });
  });

  it.each([
    [{}, 'thresholds.psi.decile', 'must have a warning or a critical bound'],
    [{ kind: 'standard_deviations' }, 'thresholds.psi.decile', 'must have a warning or a critical bound'],
    [{ kind: 'standard_deviations', warning: -1 }, 'thresholds.psi.decile.warning', '>=0'],
    [
      { kind: 'standard_deviations', warning: 3, critical: 2 },
      'thresholds.psi.decile.critical',
      'must not be below the warning',
    ],
    [{ kind: 'quantiles', warning: 95 }, 'thresholds.psi.decile.warning', '<=1'],
    [{ kind: 'auto', warning: 0.1 }, 'thresholds.psi.decile', 'warning'],
    [{ kind: 'sigma', warning: 3 }, 'thresholds.psi.decile.kind', 'Invalid'],
  ])('refuses %j, naming %s', (threshold, path, message) => {
    const [issue] = withThreshold(threshold).error!.issues;
    expect(issue!.path.join('.')).toBe(path);
    expect(issue!.message).toContain(message);
  });
});

it('leaves the level of significance to the budget of the model unless a monitor names one', () => {
  expect(monitorDeclarationSchema.parse({ detector: 'performance' })).not.toHaveProperty('alpha');
  expect(monitorDeclarationSchema.parse({ detector: 'performance', alpha: 0.05 })).toHaveProperty('alpha', 0.05);
  expect(monitorDeclarationSchema.safeParse({ detector: 'performance', alpha: 0.5 }).success).toBe(false);
});

describe('methods of drift', () => {
  const refusal = (methods: unknown[]) =>
    monitorDeclarationSchema.safeParse({ detector: 'feature_drift', numeric_methods: methods }).error?.issues[0];

  it('are told when one is not known', () => {
    const issue = refusal(['psi.decile', 'psi.deciles']);
    expect(issue?.path).toEqual(['numeric_methods', 1]);
    expect(issue?.message).toBe(`there is no method "psi.deciles": use one of ${driftMethods.join(', ')}`);
  });

  it('say what to use instead of one that needs raw values', () => {
    expect(refusal(['js.doane'])?.message).toBe(
      'js.doane needs raw values, and a monitor has counts over bins: use js.base2, or compare raw values with libs/statistics',
    );
  });

  it('keep the ids of declarations that are stored', () => {
    const stored = ['psi.decile', 'ks', 'chi2.contingency', 'js.base2', 'wasserstein.std', 'hellinger', 'tv'];
    expect(refusal(stored)).toBeUndefined();
  });
});
