import type { Severity } from '@plumbline/contracts';
import { comparisonKey, referencesInForce } from './reference-in-force.js';

it('is what the narrowest data of a version and segment was compared with', () => {
  const row = (
    version: string,
    segment: string,
    referenceId: string,
    dataStartMs: number,
    severity: Severity = 'ok',
  ) => ({
    ...{ version, segment, referenceId, dataStartMs, severity },
  });
  const found = referencesInForce([
    row('1', '', 'wide', 10),
    row('1', '', 'narrow', 30),
    row('1', '', 'middle', 20),
    row('1', 'vip', 'own', 30),
    row('3', '', 'silent', 30, 'no_data'),
    // There was none when it was evaluated: any that came since will do.
    row('2', '', '', 30),
  ]);
  expect(Object.fromEntries(found)).toEqual({
    [comparisonKey('1', '')]: { referenceId: 'narrow', dataStartMs: 30 },
    [comparisonKey('1', 'vip')]: { referenceId: 'own', dataStartMs: 30 },
  });
});
