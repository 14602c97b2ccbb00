import {
  alertOf,
  EXTREMES,
  findingOf,
  labelsOf,
  LINKS,
  notificationOf,
  NOW_MS,
  reportOf,
} from '../../../test/contract/channel.contract.js';
import { messageText } from './message-text.js';
import { messageTitle } from './message-title.js';
import { reportText } from './report-text.js';
import { columns, TEXT_COLUMNS } from './wrap-text.js';

const RESOLVED = { status: 'resolved', resolvedAtMs: NOW_MS + 3_600_000 } as const;

describe('messageText', () => {
  it('tells in one look what happened, since when, what changed and what to do', () => {
    const notification = notificationOf({
      report: reportOf({ headline: 'loan (version 1): car_value drifted', moreFindings: 2 }),
      alerts: [
        alertOf({ acknowledged: { by: 'ada', note: 'on it', atMs: NOW_MS } }),
        alertOf({ alertId: 'alert-2', labels: labelsOf({ feature: 'age', model: 'churn' }), ...RESOLVED }),
      ],
      moreAlerts: 1,
      remarks: ['2 alerts on drift are withheld'],
      links: LINKS,
    });
    expect(messageText(notification)).toBe(`CRITICAL: loan (version 1): car_value drifted
==============================================================================

Model         loan
Version       1
Window        2026-01-07 00:00 to 2026-01-08 00:00 UTC (1 day)
Predictions   5,000, 40 % of them labelled
Firing since  2026-01-08 00:00 UTC, 1 minute before this message

1. car_value [critical, acknowledged by ada: on it]
   mean 41.2 → 52.7 (+0.8 standard deviations)
   PSI 0.41 (threshold 0.25); n 5,000 against 20,000; p = 0.0001;
   62 % of the shift; monitor feature-drift
   reference   ▇▅▃  < 10 … ≥ 20
   this window ▂▅█

2. churn 1: age [resolved]
   PSI 0.41 (threshold 0.25); n 5,000; p = 0.0001; monitor feature-drift
   PSI 0.41 is above 0.25

and 3 more

What changed recently
- 2026-01-07 00:00 UTC: version 1 was first seen

Also known
- 2 alerts on drift are withheld

Acknowledge:
https://plumbline.example/links?token=b
Silence:
https://plumbline.example/links?token=c
Open the alert:
https://plumbline.example/links?token=a
Dashboard:
https://grafana.example/d/loan?from=1&to=2
Runbook:
https://wiki.example/loan

-- 
Sent by Plumbline to receiver team of project p, because it fired. Incident
incident-1.
`);
  });

  it('says which late data raised an alert in retrospect, with and without a description of the change', () => {
    const since =
      'In retrospect, since labels that came until 2026-01-09T00:00:00.000Z changed accuracy in this window';
    const alert = alertOf({ reason: `${since} from 0.95 to 0.7 (revision 1): Accuracy is 0.7.` });
    const text = (change: string) => {
      const report = reportOf({ findings: [{ ...findingOf(), change, reason: 'Accuracy is 0.7.' }] });
      return messageText(notificationOf({ report, alerts: [alert] })).replace(/\s+/g, ' ');
    };
    expect(text('mean 41.2 → 52.7')).toContain(`${since} from 0.95 to 0.7 (revision 1). mean 41.2 → 52.7`);
    expect(text('')).toContain(`${since} from 0.95 to 0.7 (revision 1). Accuracy is 0.7.`);
  });

  it('tells without a report what the alerts themselves say', () => {
    const text = messageText(
      notificationOf({ status: 'resolved', severity: 'ok', cause: 'resolved', alerts: [alertOf(RESOLVED)] }),
    );
    expect(text).toMatch(/^RESOLVED: loan: 1 alert of feature-drift\n/);
    expect(text).toContain('Fired     2026-01-08 00:00 UTC');
    expect(text).toContain('Resolved  2026-01-08 01:00 UTC');
    expect(text).toContain('1. loan 1: car_value [resolved]');
  });

  it.each(EXTREMES)('keeps to its width and its characters with %s', (_, notification) => {
    for (const line of messageText(notification).split('\n')) {
      if (!line.startsWith('http')) expect(columns(line)).toBeLessThanOrEqual(TEXT_COLUMNS);
      expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2067]/u);
    }
    expect(messageText(notification)).not.toContain('javascript:');
  });
});

it('sets a report by itself', () => {
  const text = reportText(
    reportOf({ labelCoverage: NaN, findings: [findingOf({ change: '', distribution: undefined })] }),
  );
  expect(text).toContain('loan 1: car_value has drifted');
  expect(text).toContain('Predictions  5,000\n');
  expect(text).toContain('PSI 0.41 is above 0.25');
});

it.each([
  ['Critical: loan 1: car_value has drifted', notificationOf({ report: reportOf() })],
  ['Warning: loan: 1 alert of feature-drift', notificationOf({ severity: 'warning' })],
  ['Firing: loan: 13 alerts of feature-drift', notificationOf({ severity: 'no_data', moreAlerts: 12 })],
  [
    'Resolved: loan 1: back within its bounds',
    notificationOf({
      status: 'resolved',
      report: reportOf({ findings: [], headline: 'loan 1: back within its bounds' }),
    }),
  ],
  [
    'Critical: loan: 1 alert of feature-drift',
    notificationOf({
      report: reportOf({ findings: [findingOf({ severity: 'ok' })], headline: 'loan 1: back within' }),
    }),
  ],
  ['Resolved: loan: 1 alert of feature-drift', notificationOf({ status: 'resolved', report: reportOf() })],
  [
    'Critical: 2 models: 2 alerts',
    notificationOf({ alerts: [alertOf(), alertOf({ labels: labelsOf({ model: 'churn', monitor: 'traffic' }) })] }),
  ],
  ['Resolved: loan: 1 alert of feature-drift', notificationOf({ status: 'resolved', alerts: [alertOf(RESOLVED)] })],
  ['Test: Test message to receiver team: it arrives', notificationOf({ cause: 'test', alerts: [] })],
])('has the title "%s"', (title, notification) => {
  expect(messageTitle(notification)).toBe(title);
});
