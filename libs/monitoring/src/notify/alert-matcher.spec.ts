import type { AlertLabels } from '@plumbline/contracts';
import { compileMatcher, matchesAll } from './alert-matcher.js';

const labels: AlertLabels = {
  project: 'p',
  model: 'loan',
  version: '1',
  monitor: 'feature-drift',
  segment: '',
  feature: 'income\n(net)',
  method: 'psi.decile',
  severity: 'critical',
  subject: 'drift',
};

describe('compileMatcher', () => {
  it.each([
    ['model="loan"', true],
    ['model=loans', false],
    ['model!=loan', false],
    ['segment=""', true],
    ['segment!=""', false],
    ['model=~"lo|an"', false],
    ['model=~"loan|fraud"', true],
    ['model=~".*oa.*"', true],
    ['model!~"lo.n"', false],
    ['feature=~"income\\\\n.*"', true],
  ])('%s is %s', (text, expected) => {
    expect(matchesAll([text], labels)).toBe(expected);
  });

  it.each(['model=~"("', 'model=~"(?=a)"', 'nothing=1', 'model'])('says what is wrong with %s', (text) => {
    expect(() => compileMatcher(text)).toThrow(RangeError);
  });

  it('takes time linear in the value for an expression that others need years for', () => {
    const long = { ...labels, model: 'a'.repeat(20_000) };
    expect(matchesAll(['model=~"(a*)*b"'], long)).toBe(false);
  });
});
