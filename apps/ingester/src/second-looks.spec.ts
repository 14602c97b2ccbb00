import { SecondLooks } from './second-looks.js';

const HOUR_MS = 3_600_000;
const LATER_MS = 15 * 60_000;

describe('SecondLooks', () => {
  it('are due once, a quarter of an hour after the hour was last found right', () => {
    const looks = new SecondLooks();
    looks.cleaned('p/m', [0, HOUR_MS], 0);
    looks.cleaned('p/m', [HOUR_MS], 60_000);
    looks.cleaned('p/n', [5 * HOUR_MS], 0);
    expect(looks.due('p/m', LATER_MS - 1)).toEqual([]);
    expect(looks.due('p/m', LATER_MS)).toEqual([0]);
    // Still due: whoever asked may have failed.
    expect(looks.due('p/m', LATER_MS + 60_000)).toEqual([0, HOUR_MS]);
    looks.looked('p/m', [0, HOUR_MS]);
    expect(looks.due('p/m', 1e12)).toEqual([]);
    expect(looks.due('p/n', 1e12)).toEqual([5 * HOUR_MS]);
    expect(looks.due('p/unknown', 1e12)).toEqual([]);
  });

  it('are for a month of hours of a model at most, the latest', () => {
    const looks = new SecondLooks();
    const hours = Array.from({ length: 24 * 31 }, (_, index) => index * HOUR_MS);
    looks.cleaned('p/m', hours, 0);
    looks.cleaned('p/m', [1e12], 0);
    expect(looks.due('p/m', LATER_MS)).toEqual([...hours.slice(1), 1e12]);
  });
});
