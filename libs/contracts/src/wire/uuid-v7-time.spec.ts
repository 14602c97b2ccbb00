import { uuidV7TimeMs } from './uuid-v7-time.js';

describe('uuidV7TimeMs', () => {
  it('reads the example of RFC 9562, appendix A.6', () => {
    expect(uuidV7TimeMs('017F22E2-79B0-7CC3-98C4-DC0C0C07398F')).toBe(Date.UTC(2022, 1, 22, 19, 22, 22));
  });

  it.each([
    '',
    '017f22e2-79b0-4cc3-98c4-dc0c0c07398f',
    '017f22e279b07cc398c4dc0c0c07398f',
    'x17f22e2-79b0-7cc3-98c4-1',
  ])('is undefined for %j', (id) => {
    expect(uuidV7TimeMs(id)).toBeUndefined();
  });
});
