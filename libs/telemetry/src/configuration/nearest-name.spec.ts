import { nearestName } from './nearest-name.js';

describe('nearestName', () => {
  it.each([
    ['http.prot', ['http.host', 'http.port', 'log.level'], 'http.port'],
    ['log', ['http', 'log'], 'log'],
    ['', ['abc', 'ab'], 'ab'],
    ['x', [], undefined],
  ])('of "%s" among %j is %s', (name, candidates, nearest) => {
    expect(nearestName(name, candidates)).toBe(nearest);
  });
});
