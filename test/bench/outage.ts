/**
 * What happens while the store is away for long, and how long it takes until everything is there afterwards.
 *
 *   npm run bench:outage -- [--topology distributed,standalone] [--seconds 600] [--rate 5000] [--fault away|slow] [--connections 64]
 *
 * Clients offer `rate` events of 100 features a second, in requests of 500, before, during and after; what is refused they send again
 * under the same ids.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { StoreOutage, type Topology } from '../support/store-outage.js';

const BEFORE_MS = 30_000;
/** Of each piece of a reply while the store is slow. */
const SLOW_MS = 2_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      topology: { type: 'string', default: 'distributed,standalone' },
      seconds: { type: 'string', default: '600' },
      rate: { type: 'string', default: '5000' },
      fault: { type: 'string', default: 'away' },
      connections: { type: 'string', default: '64' },
    },
  });
  for (const topology of values.topology.split(',') as Topology[]) {
    const outage = await StoreOutage.start({
      topology,
      connections: Number(values.connections),
      batch: 500,
      features: 100,
      rate: Number(values.rate),
    });
    try {
      await measure(
        outage,
        `${topology}, store ${values.fault} for ${values.seconds} s, ${values.rate} events/s offered`,
        {
          seconds: Number(values.seconds),
          isSlow: values.fault === 'slow',
        },
      );
    } finally {
      await outage.stop();
    }
  }
}

async function measure(
  outage: StoreOutage,
  title: string,
  { seconds, isSlow }: { readonly seconds: number; readonly isSlow: boolean },
): Promise<void> {
  outage.send();
  await delay(BEFORE_MS);
  console.log(`\n${title}`);
  console.log(`  before     ${describe(outage)}`);
  const acknowledgedBefore = outage.acknowledged;
  if (isSlow) outage.proxy.set({ kind: 'delay', ms: SLOW_MS });
  else await outage.proxy.refuse();
  await delay(seconds * 1000);
  console.log(`  in the end ${describe(outage)}`);
  console.log(
    `  acknowledged meanwhile ${((outage.acknowledged - acknowledgedBefore) / seconds).toFixed(0)} events/s; answers ${JSON.stringify(outage.statuses)}`,
  );
  const healedAtMs = performance.now();
  if (isSlow) outage.proxy.set({ kind: 'none' });
  else await outage.proxy.accept();
  const sent = await outage.finish();
  let stored = await outage.stored();
  while (stored.rows < sent || stored.counted < sent) {
    await delay(1000);
    stored = await outage.stored();
  }
  const drainSeconds = (performance.now() - healedAtMs) / 1000;
  console.log(`  after      ${describe(outage)}`);
  console.log(
    `  ${sent} events sent, ${stored.rows} rows, ${stored.counted} counted, the same ids: ${stored.sameIds}; all there ${drainSeconds.toFixed(0)} s after the store was back; ${outage.refusalsWithoutTime} refusals without Retry-After`,
  );
}

function describe(outage: StoreOutage): string {
  const peaks = Object.entries(outage.peakBytes()).map(([name, bytes]) => `${name} ${Math.round(bytes / 2 ** 20)} MiB`);
  return `peak memory ${peaks.join(', ')}; held of the stream at most ${Math.round(outage.peakQueuedBytes / 2 ** 20)} MiB, ${outage.peakLagRecords} records waiting`;
}

await main();
