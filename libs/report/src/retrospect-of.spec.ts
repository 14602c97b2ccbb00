import { retrospectOf } from './retrospect-of.js';

describe('retrospectOf', () => {
  it.each([
    ['Accuracy is 0.7; at or above the critical bound 0.1.', ''],
    [
      'In retrospect, since labels that came until 2026-05-04T00:15:01.000Z changed accuracy in this window from 0.95 to 0.7 (revision 2): Accuracy is 0.7.',
      'In retrospect, since labels that came until 2026-05-04T00:15:01.000Z changed accuracy in this window from 0.95 to 0.7 (revision 2).',
    ],
    [
      'In retrospect, since this window was evaluated after later ones: Accuracy is 0.7.',
      'In retrospect, since this window was evaluated after later ones.',
    ],
    ['', ''],
  ])('%s', (reason, expected) => expect(retrospectOf(reason)).toBe(expected));
});
