import { runProcess } from '@plumbline/platform';
import { IngesterModule } from './ingester.module.js';

await runProcess({
  role: 'ingester',
  apps: [IngesterModule],
  arguments: process.argv.slice(2),
  environment: process.env,
});
