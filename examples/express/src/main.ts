import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Plumbline } from '@plumbline/sdk';
import { createApp } from './create-app.js';

// Where Plumbline is, and the key, come from PLUMBLINE_URL and PLUMBLINE_API_KEY.
const plumbline = new Plumbline({ model: 'loans', version: '1' });
const server = createApp(plumbline).listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);

process.once('SIGTERM', () => {
  server.close();
  // What is queued goes out before the process ends.
  void plumbline.close().finally(() => process.exit(0));
});
