import { fillTemplate, plainText } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';

const values = placeholderValues({
  runId: '0123456789abcdef0123456789abcdef',
  project: 'p',
  model: 'loans',
  version: '7',
  policy: 'weekly',
  reason: '2 alerts are firing: {{version}} "x" $& \\ .',
  alertIds: ['a1', 'a2'],
  features: ['age', 'income, net'],
  requestedAtMs: Date.UTC(2026, 0, 8),
  runUrl: 'https://plumbline.example/v1/retraining-runs/0123',
  callbackUrl: 'https://plumbline.example/callback?token=t',
});

describe('fillTemplate', () => {
  it.each<[string, unknown, unknown]>([
    ['a text without placeholders', 'x {{ y', 'x {{ y'],
    ['what is no text', [1, true, null, { a: 0.5 }], [1, true, null, { a: 0.5 }]],
    ['exactly one, a text', '{{version}}', '7'],
    ['exactly one, a number', '{{ alert_count }}', 2],
    ['exactly one, a list', '{{features}}', ['age', 'income, net']],
    ['one inside a text', 'retrain {{model}}!', 'retrain loans!'],
    ['a number inside a text', 'since {{requested_at_ms}}', 'since 1767830400000'],
    ['a list inside a text', 'on {{features}}', 'on age, income, net'],
    ['two side by side', '{{model}}{{version}}', 'loans7'],
    ['deep inside', { a: [{ b: '{{feature_count}}' }] }, { a: [{ b: 2 }] }],
    ['not the keys', { '{{model}}': 1 }, { '{{model}}': 1 }],
    ['addresses', ['{{status_url}}', '{{run_url}}'], [`${values.run_url as string}/status`, values.run_url]],
    ['an instant', '{{requested_at}}', '2026-01-08T00:00:00.000Z'],
  ])('fills in %s', (_, template, filled) => {
    expect(fillTemplate(template, values)).toEqual(filled);
  });

  it('does not search what it filled in, nor take it for a pattern', () => {
    expect(fillTemplate('{{reason}}', values)).toBe(values.reason);
    expect(fillTemplate('why: {{reason}}', values)).toBe(`why: ${values.reason as string}`);
  });

  it('keeps a key that would be a prototype elsewhere', () => {
    const filled = fillTemplate(JSON.parse('{"__proto__": {"a": "{{model}}"}}'), values);
    expect(JSON.stringify(filled)).toBe('{"__proto__":{"a":"loans"}}');
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
  });
});

describe('plainText', () => {
  it.each<[unknown, string]>([
    ['x', 'x'],
    [0.1, '0.1'],
    [true, 'true'],
    [null, ''],
    [undefined, ''],
    [['a', 'b'], '["a","b"]'],
    [{ a: 1 }, '{"a":1}'],
  ])('writes %j as %j', (value, text) => {
    expect(plainText(value)).toBe(text);
  });
});
