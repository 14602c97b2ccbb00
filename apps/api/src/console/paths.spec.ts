import { alertPath, featurePath, modelPath, safePath, withQuery } from './paths.js';

describe('paths', () => {
  it.each([
    ['age', '/models/m/features/age'],
    ['a/b', '/models/m/features/a%2Fb'],
    ['..', '/models/m/features/~..'],
    ['.', '/models/m/features/~.'],
    ['~', '/models/m/features/~~'],
    ['Größe <5 %?#', '/models/m/features/Gr%C3%B6%C3%9Fe%20%3C5%20%25%3F%23'],
  ])('lead to the feature %j, whatever its name', (feature, expected) => {
    const path = featurePath('m', feature);
    expect(path).toBe(expected);
    // What a browser makes of it is the same.
    expect(new URL(path, 'http://console.invalid').pathname).toBe(expected);
  });

  it('lead to models, tabs and alerts', () => {
    expect([modelPath('a.b'), modelPath('m', 'quality'), alertPath('a/b')]).toEqual([
      '/models/a.b',
      '/models/m/quality',
      '/alerts/a%2Fb',
    ]);
  });

  it('carry the parameters that have a value', () => {
    expect(withQuery('/', { q: '', state: undefined })).toBe('/');
    expect(withQuery('/', { q: 'a&b', page: 2 })).toBe('/?q=a%26b&page=2');
  });

  it.each([
    ['/models/m?range=7d', '/models/m?range=7d'],
    ['/models/a%2Fb', '/models/a%2Fb'],
    ['/a/../alerts', '/alerts'],
    [undefined, '/'],
    ['', '/'],
    ['models', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['https://evil.example', '/'],
    ['/sign-in?next=/x', '/'],
    ['/sign-out', '/'],
  ])('lead from %j after the sign-in to %j', (next, expected) => {
    expect(safePath(next)).toBe(expected);
  });
});
