import { createLogger } from '@plumbline/telemetry';
import { ConsoleChannel } from '../../apps/alerter/src/channels/console-channel.js';
import {
  alertOf,
  type ChannelUnderTest,
  describeChannel,
  FIRST_ATTEMPT,
  labelsOf,
  LINKS,
  NOW_MS,
  notificationOf,
  reportOf,
} from './channel.contract.js';

async function console(format: 'json' | 'text'): Promise<ChannelUnderTest> {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return {
    channel: new ConsoleChannel(createLogger({ level: 'info', format, destination })),
    // The time of the entry is that of the log.
    received: () => lines.map((line) => line.replace(/"time":"[^"]*",|^\S+ /, '')),
    close: async () => undefined,
  };
}

describeChannel('ConsoleChannel as JSON', () => console('json'));
describeChannel('ConsoleChannel as text', () => console('text'));

describe('ConsoleChannel', () => {
  it('can be taken in at a glance', async () => {
    const underTest = await console('text');
    const alerts = [
      alertOf(),
      alertOf({
        alertId: 'alert-2',
        labels: labelsOf({ feature: '', method: 'accuracy', monitor: 'performance' }),
        value: 0.81,
        threshold: 0.05,
        severity: 'warning',
        reason: 'accuracy fell',
        acknowledged: { by: 'Ada', note: 'on it', atMs: NOW_MS },
      }),
    ];
    const notification = notificationOf({ alerts, report: reportOf(), links: LINKS, remarks: ['2 alerts wait'] });
    await underTest.channel.send(notification, FIRST_ATTEMPT, new AbortController().signal);
    expect(underTest.received()[0]!.split('\n')).toEqual([
      'WARN  Critical: loan 1: car_value has drifted',
      '    car_value (critical): mean 41.2 → 52.7 (+0.8 standard deviations); PSI 0.41 (threshold 0.25); n 5,000 against 20,000; p = 0.0001; 62 % of the shift',
      '      ▇▅▃ reference   ▂▅█ this window',
      '    loan 1: accuracy (warning, acknowledged by Ada: on it): accuracy fell; accuracy 0.81 (threshold 5 % worse); n 5,000; p = 0.0001',
      '    2026-01-07 00:00 UTC: version 1 was first seen',
      '    2 alerts wait',
      '    Acknowledge: https://plumbline.example/links?token=b',
      '    Silence: https://plumbline.example/links?token=c',
      '    Open the alert: https://plumbline.example/links?token=a',
      '    Dashboard: https://grafana.example/d/loan?from=1&to=2',
      expect.stringMatching(/^ {4}Runbook: https:\/\/wiki\.example\/loan model="loan" project="p" status="firing"/),
      '',
    ]);
  });
});
