import { checkExposure, configureHttp } from '@plumbline/api';
import { runProcess } from '@plumbline/platform';
import { apps } from './apps.js';

await runProcess({
  role: 'standalone',
  apps,
  arguments: process.argv.slice(2),
  environment: process.env,
  describeExposure: checkExposure,
  configureHttp,
});
