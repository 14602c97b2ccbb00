import { checkDocument, type ConfigurationDocument } from '../configuration-files/check-document.js';
import { DEMO_MODEL } from './demo-plan.js';
import { PAGERDUTY_VARIABLE, SECRET_VARIABLE, SLACK_VARIABLE } from './demo-server.js';

export interface DemoUrls {
  /** Of the stand-ins of Slack and PagerDuty. */
  readonly messages: string;
  readonly mailPort: number;
  readonly webhook: string;
  readonly retraining: string;
}

/** Default monitors that the story looks at. */
export const DEMO_MONITORS = {
  featureDrift: 'feature-drift',
  performance: 'performance',
} as const;

/** Returns what the demo declares, as files for `plumbline apply` would. Its monitors are the default ones. */
export function demoDocuments(urls: DemoUrls): readonly ConfigurationDocument[] {
  const secret = { env: SECRET_VARIABLE };
  const model = {
    kind: 'model',
    name: DEMO_MODEL,
    task: 'binary',
    positive_class: '1',
    features: [
      { name: 'debt_ratio', kind: 'numeric', importance: 0.4 },
      { name: 'employment_years', kind: 'numeric', importance: 0.2 },
      { name: 'income', kind: 'numeric', importance: 0.15 },
      { name: 'loan_amount', kind: 'numeric', importance: 0.05 },
      { name: 'age', kind: 'numeric', importance: 0.05 },
      { name: 'purpose', kind: 'categorical', importance: 0.05 },
      { name: 'country', kind: 'categorical', importance: 0.05 },
      { name: 'has_mortgage', kind: 'boolean', importance: 0.05 },
    ],
    segments: [
      { name: 'germany', where: { country: 'DE' } },
      { name: 'france', where: { country: 'FR' } },
    ],
  };
  const receivers = [
    {
      name: 'team-chat',
      channel: 'slack',
      to: 'C0LOANS',
      url: `${urls.messages}/slack/api/`,
      token: { env: SLACK_VARIABLE },
    },
    { name: 'on-call', channel: 'pagerduty', url: urls.messages, routing_key: { env: PAGERDUTY_VARIABLE } },
    {
      name: 'team-mail',
      channel: 'email',
      from: 'plumbline@example.com',
      to: ['loans-team@example.com'],
      host: '127.0.0.1',
      port: urls.mailPort,
      tls: 'none',
    },
    { name: 'own-system', channel: 'webhook', url: urls.webhook, secret },
  ].map((receiver) => ({ kind: 'receiver', ...receiver }));
  // A simulated day takes a second or two, so what belongs together comes together sooner than in real life.
  const timing = { group_wait: '1s', group_interval: '1s' };
  const route = { kind: 'route', name: 'everybody', receivers: receivers.map(({ name }) => name), ...timing };
  const policy = {
    kind: 'retraining_policy',
    model: DEMO_MODEL,
    name: 'when-accuracy-falls',
    when: { alerts: { monitors: [DEMO_MONITORS.performance] } },
    target: { url: urls.retraining, secret, parameters: { pipeline: 'train-loans' } },
  };
  return [model, ...receivers, route, policy].map((declared) => {
    const checked = checkDocument(declared);
    if ('document' in checked) return checked.document;
    throw new Error(`the demo's declaration is wrong: ${JSON.stringify(checked.faults)}`);
  });
}
