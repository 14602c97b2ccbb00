import type { AlertReply } from '@plumbline/contracts';
import { faultsOfStory, type DemoStory, type SeenAlert } from './demo-story.js';

const MONITORS = { featureDrift: 'feature-drift', performance: 'performance' };

function seen(monitor: string, feature: string, firedDay: number, values: Partial<AlertReply> = {}): SeenAlert {
  const alert = { monitor, feature, method: 'psi.decile', version: '1', ...values } as AlertReply;
  return { alert, firedDay, resolvedDay: 14 };
}

const AS_TOLD: DemoStory = {
  alerts: [
    seen('feature-drift', 'income', 9),
    seen('feature-drift', 'purpose', 9),
    seen('prediction-drift', '$score', 9),
    seen('performance', '', 12),
  ],
  retrainingCalls: [{ signatureValid: true }],
  retrainedDay: 12,
  verdict: 'verified',
  channels: ['Slack', 'PagerDuty', 'e-mail'],
};

it('finds no fault with the story as it is told', () => {
  expect(faultsOfStory(AS_TOLD, MONITORS)).toEqual([]);
});

it.each<[string, Partial<DemoStory>, string]>([
  [
    'an alert on a quiet day',
    { alerts: [...AS_TOLD.alerts, seen('traffic', '', 3)] },
    'alerts on quiet days: traffic psi.decile (day 3)',
  ],
  [
    'a drift that is not found',
    { alerts: AS_TOLD.alerts.slice(1) },
    'drift on day 9 named purpose, not income, purpose',
  ],
  [
    'a drift that is none',
    { alerts: [...AS_TOLD.alerts, seen('feature-drift', 'age', 11)] },
    'features that did not drift',
  ],
  ['no accuracy alert', { alerts: AS_TOLD.alerts.slice(0, 3) }, 'no performance alert on day 12'],
  ['no call', { retrainingCalls: [] }, '0 retraining calls, not 1'],
  ['two calls', { retrainingCalls: [{ signatureValid: true }, { signatureValid: true }] }, '2 retraining calls, not 1'],
  ['a wrong signature', { retrainingCalls: [{ signatureValid: false }] }, 'wrong signature'],
  ['a new version that is not verified', { verdict: 'succeeded' }, 'the retraining ended as succeeded, not verified'],
  ['a channel that stays silent', { channels: ['Slack'] }, 'no message by PagerDuty, e-mail'],
  [
    'an alert of the new version',
    { alerts: [...AS_TOLD.alerts, seen('traffic', '', 13, { version: '2' })] },
    'alerts of version 2',
  ],
  [
    'an alert that stays',
    { alerts: [{ ...AS_TOLD.alerts[0]!, resolvedDay: undefined }, ...AS_TOLD.alerts.slice(1)] },
    'not resolved: feature-drift income',
  ],
])('tells of %s', (_, change, fault) => {
  expect(faultsOfStory({ ...AS_TOLD, ...change }, MONITORS).join('\n')).toContain(fault);
});
