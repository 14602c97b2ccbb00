import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.js';

/** Returns the whole body of a request. @throws Problem 413 as soon as it has more bytes than allowed */
export async function readBody(body: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announcedBytes = Number(body.headers['content-length'] ?? 0);
  if (announcedBytes > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // Not `for await`: leaving it early would destroy the socket, and with it the way for the reply.
  await new Promise<void>((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) {
        body.removeAllListeners('data');
        body.resume();
        reject(tooLarge(maxBytes));
      } else {
        chunks.push(chunk);
      }
    });
    body.once('end', resolve);
    body.once('error', reject);
    body.once('close', () => reject(new Problem(400, 'the connection closed before the body was complete')));
  });
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, sizeBytes);
}

function tooLarge(maxBytes: number): Problem {
  return new Problem(413, `the body has more than ${maxBytes} bytes: send it in smaller parts`);
}
