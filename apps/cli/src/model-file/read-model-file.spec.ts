import { parseModelFile } from './read-model-file.js';

const GOOD = `
model: loans
task: binary
features:
  - { name: income, kind: numeric, importance: 0.5 }
monitors:
  drift:
    detector: feature_drift
retraining_policies:
  weekly:
    target: { url: 'https://pipeline.example/run' }
receivers:
  log: { channel: console }
`;

it('reads all that a file declares, defaults filled in', () => {
  const file = parseModelFile(GOOD, 'loans.yaml');
  expect(file.model).toBe('loans');
  expect(file.declaration).toMatchObject({ task: 'binary', windows: { every: '1d' }, default_monitors: true });
  expect(file.monitors.get('drift')).toMatchObject({ detector: 'feature_drift', alpha: 0.01 });
  expect(file.retrainingPolicies.get('weekly')).toMatchObject({ cool_down: '7d' });
  expect([...file.receivers.keys()]).toEqual(['log']);
});

it.each<[string, string, string]>([
  ['a wrong kind', GOOD.replace('kind: numeric', 'kind: number'), 'loans.yaml:5: features.0.kind: Invalid option'],
  ['an unknown field', GOOD.replace('task: binary', 'tasks: binary'), 'loans.yaml: Unrecognized key: "tasks"'],
  ['no model', GOOD.replace('model: loans', ''), 'loans.yaml: model: Invalid input'],
  ['a name with a blank', GOOD.replace('  drift:', '  "a b":'), 'monitors: must be 1 to 128 letters'],
  [
    'monitors as a list',
    GOOD.replace('monitors:\n  drift:\n    detector: feature_drift', 'monitors: []'),
    'loans.yaml:6: monitors: must be a map',
  ],
  ['no YAML', 'model: [', 'loans.yaml is no YAML'],
  ['a list', '- a', 'must be a map that begins with "model: NAME"'],
  ['nothing', '', 'must be a map'],
])('names file, line and field: %s', (_, text, message) => {
  expect(() => parseModelFile(text, 'loans.yaml')).toThrow(message);
});
