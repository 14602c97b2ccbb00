import { runProcess } from '@plumbline/platform';
import { AlerterModule } from './alerter.module.js';

await runProcess({
  role: 'alerter',
  apps: [AlerterModule],
  arguments: process.argv.slice(2),
  environment: process.env,
});
