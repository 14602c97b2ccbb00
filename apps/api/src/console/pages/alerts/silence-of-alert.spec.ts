import { matcherSchema, parseMatcher } from '@plumbline/contracts';
import { matchesAll } from '@plumbline/monitoring';
import type { Alert } from '@plumbline/storage';
import { matchersOfScope, silenceScopes, silenceScopesOf } from './silence-of-alert.js';
import { labelsOf } from './read-alert-page.js';

const ALERT: Alert = {
  alertId: 'a',
  project: 'p',
  model: 'loans',
  version: '1',
  monitor: 'feature-drift',
  segment: '',
  feature: 'income',
  method: 'psi.decile',
  status: 'firing',
  severity: 'warning',
  value: 0.3,
  threshold: 0.1,
  reason: 'r',
  firedBecause: 'r',
  firedAtMs: 0,
  resolvedAtMs: undefined,
  resolvedBy: '',
};

describe('a silence made on the page of an alert', () => {
  it.each(['income', 'a "quoted" name', 'back\\slash', '\\"', '<script>', 'ü/../?', '{"a":1}', 'x'.repeat(200)])(
    'matches the alert of feature %j, whatever its scope',
    (feature) => {
      const alert = { ...ALERT, feature, segment: `country=${feature}` };
      for (const scope of silenceScopes) {
        const matchers = matchersOfScope(scope, alert);
        for (const matcher of matchers) expect(matcherSchema.safeParse(matcher).success).toBe(true);
        expect(matchesAll(matchers, labelsOf(alert))).toBe(true);
      }
      expect(matchersOfScope('feature', alert).map(parseMatcher)).toContainEqual({
        label: 'feature',
        operator: '=',
        value: feature,
      });
    },
  );

  it('reaches as far as its scope says', () => {
    const other = labelsOf({ ...ALERT, feature: 'age' });
    const matches = silenceScopes.map((scope) => matchesAll(matchersOfScope(scope, ALERT), other));
    expect(matches).toEqual([false, false, true, true]);
    expect(matchesAll(matchersOfScope('model', ALERT), { ...other, model: 'fraud' })).toBe(false);
  });

  it('offers no silence of a feature where there is none', () => {
    expect(silenceScopesOf(ALERT)).toEqual(['alert', 'feature', 'monitor', 'model']);
    expect(silenceScopesOf({ feature: '' })).toEqual(['alert', 'monitor', 'model']);
  });
});
