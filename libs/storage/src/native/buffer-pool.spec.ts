import { giveBuffer, takeBuffer } from './buffer-pool.js';

describe('pool of buffers', () => {
  it('gives a buffer that is large enough, and the same one again once it was given back', () => {
    const buffer = takeBuffer(5_000);
    expect(buffer.length).toBe(8_192);
    giveBuffer(buffer);
    expect(takeBuffer(4_097)).toBe(buffer);
    expect(takeBuffer(4_097)).not.toBe(buffer);
  });

  it('keeps no buffer of a length that it would never give', () => {
    const odd = Buffer.alloc(5_000);
    giveBuffer(odd);
    expect(takeBuffer(5_000)).not.toBe(odd);
    giveBuffer(Buffer.alloc(0));
    expect(takeBuffer(0).length).toBe(1);
  });

  it('keeps a bounded amount', () => {
    const buffers = Array.from({ length: 3 }, () => takeBuffer(32 * 1024 * 1024));
    buffers.forEach(giveBuffer);
    const again = Array.from({ length: 3 }, () => takeBuffer(32 * 1024 * 1024));
    expect(again.filter((buffer) => buffers.includes(buffer)).length).toBeLessThanOrEqual(2);
  });
});
