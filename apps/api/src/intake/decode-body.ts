import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { BodyFault, type Configuration } from '@plumbline/contracts';

const inflate = promisify(gunzip);

/** A body that inflates to less than this is no bomb whatever its ratio: a short batch of equal events compresses very well. */
const HARMLESS_BYTES = 1024 * 1024;
/** Fewer trips to the thread pool than zlib's own 16 KiB. */
const CHUNK_BYTES = 256 * 1024;

type DecodeLimits = Pick<Configuration['intake'], 'maxDecodedBytes' | 'maxCompressionRatio'>;

/**
 * Returns the body without its content encoding. A compressed body is inflated piece by piece and given up as soon as it exceeds
 * a limit, so a bomb never takes more memory than the limit.
 */
export async function decodeBody(
  body: Buffer,
  contentEncoding: string | undefined,
  limits: DecodeLimits,
): Promise<Buffer | BodyFault> {
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') {
    return body.length > limits.maxDecodedBytes ? tooLarge(limits.maxDecodedBytes) : body;
  }
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    return new BodyFault('unsupported_encoding', `content encoding "${encoding}" is not understood: send gzip or none`);
  }
  const ratioBytes = Math.max(HARMLESS_BYTES, Math.floor(body.length * limits.maxCompressionRatio));
  const maxOutputLength = Math.min(limits.maxDecodedBytes, ratioBytes);
  try {
    return await inflate(body, { maxOutputLength, chunkSize: CHUNK_BYTES });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_BUFFER_TOO_LARGE') {
      return new BodyFault(
        'damaged_encoding',
        `the body is not complete gzip (${code ?? String(error)}): send it again`,
      );
    }
    return ratioBytes < limits.maxDecodedBytes
      ? new BodyFault(
          'compression_ratio',
          `the body inflates to more than ${limits.maxCompressionRatio} times its size: compress less, or send it in parts`,
        )
      : tooLarge(limits.maxDecodedBytes);
  }
}

function tooLarge(maxDecodedBytes: number): BodyFault {
  return new BodyFault(
    'body_too_large',
    `the body holds more than ${maxDecodedBytes} bytes when decoded: send it in smaller parts`,
  );
}
