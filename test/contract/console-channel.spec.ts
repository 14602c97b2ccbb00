import { createLogger } from '@plumbline/telemetry';
import { ConsoleChannel } from '../../apps/alerter/src/channels/console-channel.js';
import { describeChannel } from './channel.contract.js';

describeChannel('ConsoleChannel', async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const logger = createLogger({ level: 'info', format: 'json', destination });
  return { channel: new ConsoleChannel(logger), received: () => lines, close: async () => undefined };
});
