import { randomBytes } from 'node:crypto';
import { Decoder, Encoder } from '@toondepauw/node-zstd';
import lz4 from 'lz4-napi';
import snappy from 'snappy';
import { lz4InflatedBound, snappyInflatedSize, zstdInflatedBound } from './inflated-bound.js';

const contents: [string, Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['a few bytes', Buffer.from('plumbline')],
  ['a megabyte of zeros', Buffer.alloc(1 << 20)],
  ['a megabyte that cannot be compressed', randomBytes(1 << 20)],
  ['text', Buffer.from('{"model":"loans","score":0.25}\n'.repeat(20_000))],
];

describe.each(contents)('the bound of %s', (_, content) => {
  it('of zstd is not below, nor much above, what is inflated', async () => {
    const compressed = await new Encoder(3).encode(content);
    expect((await new Decoder().decode(compressed)).length).toBe(content.length);
    const bound = zstdInflatedBound(compressed);
    expect(bound).toBeGreaterThanOrEqual(content.length);
    expect(bound).toBeLessThanOrEqual(content.length + 256 * 1024);
  });

  it('of LZ4 is not below, nor much above, what is inflated', async () => {
    const bound = lz4InflatedBound(await lz4.compressFrame(content));
    expect(bound).toBeGreaterThanOrEqual(content.length);
    expect(bound).toBeLessThanOrEqual(content.length + 8 * 1024 * 1024);
  });

  it('of Snappy is exact, for a block and for the stream that Java writes', async () => {
    const block = await snappy.compress(content);
    expect(snappyInflatedSize(block)).toBe(content.length);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(snappyInflatedSize(Buffer.concat([header, length, block, length, block]))).toBe(2 * content.length);
  });
});

it.each([
  ['zstd', zstdInflatedBound],
  ['LZ4', lz4InflatedBound],
])('what is no %s, or is cut off, has no bound', async (_, boundOf) => {
  expect(boundOf(Buffer.from('no compressed data at all'))).toBe(Infinity);
  const compressed =
    boundOf === zstdInflatedBound
      ? await new Encoder(3).encode(randomBytes(300_000))
      : await lz4.compressFrame(randomBytes(300_000));
  expect(boundOf(compressed.subarray(0, compressed.length - 200_000))).toBe(Infinity);
});
