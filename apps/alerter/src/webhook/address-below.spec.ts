import { addressBelow } from './address-below.js';

it.each([
  ['https://events.pagerduty.com', 'https://events.pagerduty.com/v2/enqueue'],
  ['https://am.example/', 'https://am.example/v2/enqueue'],
  ['https://user:pass@am.example:9093/prefix//?a=b#c', 'https://user:pass@am.example:9093/prefix/v2/enqueue'],
])('puts a path below %s', (base, expected) => {
  expect(addressBelow(base, '/v2/enqueue')).toBe(expected);
});
