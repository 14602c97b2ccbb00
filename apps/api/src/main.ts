import { runProcess } from '@plumbline/platform';
import { ApiModule } from './api.module.js';
import { checkExposure } from './http/check-exposure.js';
import { configureHttp } from './http/configure-http.js';

await runProcess({
  role: 'api',
  apps: [ApiModule],
  arguments: process.argv.slice(2),
  environment: process.env,
  describeExposure: checkExposure,
  configureHttp,
});
