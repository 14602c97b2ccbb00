import { deflateSync, gzipSync } from 'node:zlib';
import { BodyFault } from '@plumbline/contracts';
import { BODY_FAULT_STATUS } from './body-fault-status.js';
import { decodeBody } from './decode-body.js';

const MEBIBYTE = 1024 * 1024;
const limits = { maxDecodedBytes: 8 * MEBIBYTE, maxCompressionRatio: 100 };
const decode = async (body: Buffer, encoding?: string, given = limits): Promise<string> => {
  const result = await decodeBody(body, encoding, given);
  return result instanceof BodyFault ? `${BODY_FAULT_STATUS[result.reason]} ${result.reason}` : result.toString();
};

describe('decodeBody', () => {
  it('leaves a plain body alone', async () => {
    expect(await decode(Buffer.from('{}'))).toBe('{}');
    expect(await decode(Buffer.from('{}'), 'identity')).toBe('{}');
  });

  it('inflates gzip, members one after another included', async () => {
    expect(await decode(gzipSync('{"a":1}'), 'gzip')).toBe('{"a":1}');
    expect(await decode(gzipSync('{"a":1}'), ' GZIP ')).toBe('{"a":1}');
    expect(await decode(Buffer.concat([gzipSync('{"a"'), gzipSync(':1}')]), 'gzip')).toBe('{"a":1}');
  });

  it.each(['deflate', 'br', 'zstd', 'gzip, gzip'])('does not take %s', async (encoding) => {
    expect(await decode(deflateSync('{}'), encoding)).toBe('415 unsupported_encoding');
  });

  it('refuses damaged and truncated gzip', async () => {
    const whole = gzipSync('{"a":1}'.repeat(1_000));
    expect(await decode(whole.subarray(0, whole.length - 9), 'gzip')).toBe('400 damaged_encoding');
    expect(await decode(Buffer.from('no gzip'), 'gzip')).toBe('400 damaged_encoding');
    expect(await decode(Buffer.alloc(0), 'gzip')).toBe('400 damaged_encoding');
  });

  it('gives up a bomb by its ratio and by its size, without inflating the rest', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MEBIBYTE));
    expect(bomb.length).toBeLessThan(70_000);
    expect(await decode(bomb, 'gzip')).toBe('413 compression_ratio');
    expect(await decode(bomb, 'gzip', { ...limits, maxCompressionRatio: 10_000 })).toBe('413 body_too_large');
  });

  it('lets a short batch of equal events through whatever its ratio', async () => {
    const text = '{"a":1}\n'.repeat(100_000);
    expect(gzipSync(text).length * 100).toBeLessThan(text.length);
    expect(await decode(gzipSync(text), 'gzip')).toBe(text);
  });

  it('bounds a plain body as well', async () => {
    expect(await decode(Buffer.alloc(limits.maxDecodedBytes + 1))).toBe('413 body_too_large');
  });
});
