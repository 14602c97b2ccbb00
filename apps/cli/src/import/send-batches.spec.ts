import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ApiClient } from '../api-client.js';
import { NDJSON_CONTENT_TYPE } from './batch.js';
import type { RowFault } from './column-block.js';
import type { BatchStep } from './mapped-batches.js';
import { sendBatches } from './send-batches.js';

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A server that answers each request by its lines; resolves with a client of it. */
async function serverThat(answer: (lines: readonly string[]) => Answer): Promise<ApiClient> {
  const listening = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, headers, body } = answer(Buffer.concat(chunks).toString().trimEnd().split('\n'));
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    });
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  server = listening;
  return new ApiClient({ url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, apiKey: undefined });
}

async function* steps(...batches: readonly (readonly string[])[]): AsyncGenerator<BatchStep> {
  let row = 0;
  for (const lines of batches) {
    const content = Buffer.from(`${lines.join('\n')}\n`);
    const rows = lines.map(() => (row += 1));
    yield { batch: { contentType: NDJSON_CONTENT_TYPE, content, rows }, progress: 1 };
  }
}

function recorder() {
  const faults: RowFault[] = [];
  const totals = { accepted: 0, unlisted: 0 };
  return {
    faults,
    totals,
    accepted: (events: number) => void (totals.accepted += events),
    rejected: (given: readonly RowFault[], unlisted: number) => {
      faults.push(...given);
      totals.unlisted += unlisted;
    },
  };
}

const OPTIONS = { kind: 'predictions', requestsInFlight: 2, maxAttempts: 4 } as const;
const accept = (lines: readonly string[]): Answer => ({
  status: 200,
  body: { accepted: lines.length, rejected_count: 0, rejected: [] },
});

it('gives rejected events the number of their row', async () => {
  const client = await serverThat((lines) => ({
    status: 200,
    body: {
      accepted: lines.length - 1,
      rejected_count: 3,
      rejected: [{ index: 1, field: 'timestamp', reason: 'wrong_type', message: 'no time' }],
    },
  }));
  const seen = recorder();
  await sendBatches(client, steps(['a', 'b'], ['c', 'd']), OPTIONS, seen);
  expect(seen.totals).toEqual({ accepted: 2, unlisted: 4 });
  expect(seen.faults.map(({ row }) => row).sort()).toEqual([2, 4]);
});

it.each([429, 503])('sends the same batch again after %d', async (status) => {
  const bodies: string[] = [];
  const client = await serverThat((lines) => {
    bodies.push(lines.join());
    return bodies.length === 1 ? { status, headers: { 'retry-after': '0' }, body: {} } : accept(lines);
  });
  const seen = recorder();
  await sendBatches(client, steps(['a', 'b']), OPTIONS, seen);
  expect(bodies).toEqual(['a,b', 'a,b']);
  expect(seen.totals.accepted).toBe(2);
});

it('halves a batch until it fits, and names the event that never does', async () => {
  const client = await serverThat((lines) =>
    lines.length > 2 || lines.includes('huge') ? { status: 413, body: { detail: 'too large' } } : accept(lines),
  );
  const seen = recorder();
  await sendBatches(client, steps(['a', 'b', 'huge', 'd', 'e']), OPTIONS, seen);
  expect(seen.totals.accepted).toBe(4);
  expect(seen.faults).toEqual([{ row: 3, field: '', reason: 'event_too_large', message: 'too large' }]);
});

it('ends with what the server said when it refuses', async () => {
  const client = await serverThat(() => ({
    status: 403,
    body: { title: 'Forbidden', detail: 'the key lacks the scope ingest' },
  }));
  await expect(sendBatches(client, steps(['a'], ['b'], ['c']), OPTIONS, recorder())).rejects.toThrow(
    'POST /v1/predictions: 403 the key lacks the scope ingest',
  );
});

it('gives up on a server that stays away, saying how to start one', async () => {
  const client = await serverThat(accept);
  server!.close();
  await once(server!, 'close');
  await expect(sendBatches(client, steps(['a']), { ...OPTIONS, maxAttempts: 2 }, recorder())).rejects.toThrow(
    /no server at http:.*ECONNREFUSED.*plumbline serve/,
  );
});
