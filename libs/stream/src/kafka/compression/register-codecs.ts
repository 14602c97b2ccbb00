import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type kafkajs from 'kafkajs';
import { StreamSetupError } from '../../stream-error.js';
import { lz4InflatedBound, snappyBlocks, snappyInflatedSize, zstdInflatedBound } from './inflated-bound.js';
import { optionalPackage } from './optional-package.js';
import { refusedRecords } from './refused-records.js';

export type CompressionName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** What a record batch may inflate to. Larger ones are not read: their records say so instead of having a value. */
export const MAX_INFLATED_BATCH_BYTES = 64 * 1024 * 1024;
/** What the batches of one answer of a broker may inflate to together; what is beyond is fetched again later. */
const MAX_INFLATED_ANSWER_BYTES = 128 * 1024 * 1024;
/** Of what we write: the fastest that shrinks JSON well. */
const ZSTD_LEVEL = 3;

interface BatchCodec {
  compress(bytes: Buffer): Promise<Buffer>;
  /** @throws RangeError with the code ERR_BUFFER_TOO_LARGE, where it has no bound beforehand */
  inflate(bytes: Buffer, maxBytes: number): Promise<Buffer>;
  /** The most that the bytes inflate to; undefined when only inflating them tells. */
  inflatedBound?(bytes: Buffer): number;
}

/** kafkajs takes an error of this name for the cut tail of an answer, keeps what came before it and fetches the rest again. */
class RestOfAnswer extends Error {
  override readonly name = 'KafkaJSPartialMessageError';
}

const gzip = promisify(zlib.gzip);
// Not gunzip: like kafkajs's own codec this reads zlib's format as well.
const unzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.unzip);

const loaders: Record<Exclude<CompressionName, 'none'>, () => Promise<BatchCodec>> = {
  gzip: async () => ({
    compress: (bytes) => gzip(bytes),
    inflate: (bytes, maxBytes) => unzip(bytes, { maxOutputLength: maxBytes }),
  }),
  snappy: async () => {
    const { compress, uncompress } = await optionalPackage('snappy', () => import('snappy'));
    return {
      compress: (bytes) => compress(bytes),
      inflate: async (bytes) => {
        const blocks: Buffer[] = [];
        for (const block of snappyBlocks(bytes)) blocks.push(Buffer.from(await uncompress(block, { asBuffer: true })));
        return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
      },
      inflatedBound: snappyInflatedSize,
    };
  },
  lz4: async () => {
    const { compressFrame, decompressFrame } = await optionalPackage('lz4-napi', () => import('lz4-napi'));
    return { compress: (bytes) => compressFrame(bytes), inflate: decompressFrame, inflatedBound: lz4InflatedBound };
  },
  zstd: async () => {
    const builtIn = builtInZstd();
    if (builtIn) return builtIn;
    const { Decoder, Encoder } = await optionalPackage('@toondepauw/node-zstd', () => import('@toondepauw/node-zstd'));
    const encoder = new Encoder(ZSTD_LEVEL);
    const decoder = new Decoder();
    return {
      compress: (bytes) => encoder.encode(bytes),
      inflate: (bytes) => decoder.decode(bytes),
      inflatedBound: zstdInflatedBound,
    };
  },
};

/** Node has zstd of its own from 22.15 on, and there it needs no package. */
function builtInZstd(): BatchCodec | undefined {
  // The types are those of Node 20.
  const { zstdCompress, zstdDecompress } = zlib as unknown as {
    zstdCompress?: (bytes: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
    zstdDecompress?: (
      bytes: Buffer,
      options: { maxOutputLength: number },
      done: (error: Error | null, result: Buffer) => void,
    ) => void;
  };
  if (!zstdCompress || !zstdDecompress) return undefined;
  const compress = promisify(zstdCompress);
  const decompress = promisify(zstdDecompress);
  return {
    compress: (bytes) => compress(bytes),
    inflate: (bytes, maxBytes) => decompress(bytes, { maxOutputLength: maxBytes }),
    inflatedBound: zstdInflatedBound,
  };
}

const loaded = new Map<CompressionName, Promise<BatchCodec>>();

/** @throws StreamSetupError that names the package to install */
function codecOf(name: Exclude<CompressionName, 'none'>): Promise<BatchCodec> {
  let codec = loaded.get(name);
  if (!codec) {
    codec = loaders[name]();
    loaded.set(name, codec);
  }
  return codec;
}

/** The compression to write with: the one asked for; when none is, zstd if it is there. */
export async function chooseCompression(asked: CompressionName | undefined): Promise<CompressionName> {
  if (asked === 'none') return asked;
  try {
    await codecOf(asked ?? 'zstd');
    return asked ?? 'zstd';
  } catch (error) {
    if (asked !== undefined) throw error;
    return 'none';
  }
}

/** Makes kafkajs read and write all compressions. The packages behind them are loaded when they are first needed. */
export function registerCodecs({ CompressionCodecs, CompressionTypes }: typeof kafkajs): void {
  const names = [
    [CompressionTypes.GZIP, 'gzip'],
    [CompressionTypes.Snappy, 'snappy'],
    [CompressionTypes.LZ4, 'lz4'],
    [CompressionTypes.ZSTD, 'zstd'],
  ] as const;
  for (const [type, name] of names) {
    CompressionCodecs[type] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => (await codecOf(name)).compress(buffer),
      decompress: async (bytes: Buffer) => inflate(await codecOf(name), bytes),
    });
  }
}

/** Bytes inflated so far out of each answer of a broker: all of its batches are views of the same memory. */
const inflatedOfAnswer = new WeakMap<ArrayBufferLike, number>();

async function inflate(codec: BatchCodec, bytes: Buffer): Promise<Buffer> {
  const soFar = inflatedOfAnswer.get(bytes.buffer) ?? 0;
  const bound = codec.inflatedBound?.(bytes) ?? 0;
  if (bound > MAX_INFLATED_BATCH_BYTES) return refuse(bytes, TOO_LARGE);
  if (soFar > 0 && soFar + bound > MAX_INFLATED_ANSWER_BYTES) throw new RestOfAnswer('the rest is fetched again');
  try {
    const inflated = await codec.inflate(bytes, MAX_INFLATED_BATCH_BYTES);
    inflatedOfAnswer.set(bytes.buffer, soFar + inflated.length);
    return inflated;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return refuse(
      bytes,
      code === 'ERR_BUFFER_TOO_LARGE' ? TOO_LARGE : `the compressed record batch is damaged: ${message}`,
    );
  }
}

const TOO_LARGE = `the compressed record batch cannot be inflated within ${MAX_INFLATED_BATCH_BYTES} bytes: write smaller batches`;

function refuse(bytes: Buffer, reason: string): Buffer {
  const records = refusedRecords(bytes, reason);
  if (!records) throw new StreamSetupError(reason);
  return records;
}
