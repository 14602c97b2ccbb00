import { checkNode } from './check-node.js';
import { checkClock } from './check-server.js';

it.each([
  ['20.19.0', 'ok'],
  ['20.18.9', 'fail'],
  ['18.20.0', 'fail'],
  ['24.1.0', 'ok'],
])('node %s is %s', (version, state) => {
  expect(checkNode(version).state).toBe(state);
});

it.each([
  ['Thu, 01 Jan 2026 00:00:00 GMT', 'ok'],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 'warn'],
  [null, 'warn'],
])('a server date of %s is %s', (date, state) => {
  expect(checkClock(date, Date.UTC(2026, 0, 1)).state).toBe(state);
});
