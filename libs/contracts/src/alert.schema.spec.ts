import { type AlertStatus, alertStatusSchema, isEscalation, isNotifiable } from './alert.schema.js';
import type { Severity } from './monitor.schema.js';

describe('isNotifiable', () => {
  it.each<[string, AlertStatus, AlertStatus, Severity, Severity, boolean]>([
    ['an alert fires', 'inactive', 'firing', 'ok', 'warning', true],
    ['it fires as critical', 'pending', 'firing', 'ok', 'critical', true],
    ['it fires after nothing was known', 'no_data', 'firing', 'ok', 'warning', true],
    ['it becomes critical', 'firing', 'firing', 'warning', 'critical', true],
    ['it becomes critical while it recovers', 'recovering', 'firing', 'warning', 'critical', true],
    ['a monitor without data finds something critical', 'firing', 'firing', 'no_data', 'critical', true],
    ['it goes down to a warning', 'firing', 'firing', 'critical', 'warning', false],
    ['it relapses as bad as before', 'recovering', 'firing', 'critical', 'critical', false],
    ['it relapses less badly', 'recovering', 'firing', 'critical', 'warning', false],
    ['it recovers', 'firing', 'recovering', 'critical', 'critical', false],
    ['it is resolved', 'recovering', 'inactive', 'critical', 'ok', true],
    ['it is resolved at once', 'firing', 'inactive', 'warning', 'ok', true],
    ['it is pending', 'inactive', 'pending', 'ok', 'warning', false],
    ['it was pending only', 'pending', 'inactive', 'ok', 'ok', false],
    ['nothing is known', 'inactive', 'no_data', 'ok', 'no_data', false],
  ])('when %s: %s > %s', (_, from, to, severityBefore, severity, expected) => {
    expect(isNotifiable({ from, to, severityBefore, severity })).toBe(expected);
  });

  it('holds for every escalation, and those begin with an open alert', () => {
    for (const from of alertStatusSchema.options) {
      const change = { from, to: 'firing', severityBefore: 'warning', severity: 'critical' } as const;
      expect(isEscalation(change)).toBe(from === 'firing' || from === 'recovering');
      expect(isNotifiable(change)).toBe(true);
    }
  });
});
