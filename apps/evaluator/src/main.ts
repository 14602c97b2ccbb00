import { runProcess } from '@plumbline/platform';
import { EvaluatorModule } from './evaluator.module.js';

await runProcess({
  role: 'evaluator',
  apps: [EvaluatorModule],
  arguments: process.argv.slice(2),
  environment: process.env,
});
