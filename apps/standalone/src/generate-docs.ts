import { writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createOpenApiDocument } from '@plumbline/api';
import { configurationJsonSchema, configurationSchema } from '@plumbline/contracts';
import { AppModule, version, watchStream } from '@plumbline/platform';
import { Store } from '@plumbline/storage';
import { InProcessEventStream } from '@plumbline/stream';
import {
  createLogger,
  Health,
  Metrics,
  renderConfigurationMarkdown,
  renderMetricsMarkdown,
} from '@plumbline/telemetry';
import { apps } from './apps.js';

/** Writes the documents that are made from the code. The application is put together, which makes its metrics, but never starts. */
async function generateDocs(): Promise<void> {
  const configuration = configurationSchema.parse({});
  const metrics = new Metrics({ version });
  const platform = {
    configuration,
    logger: createLogger({ ...configuration.log, service: 'generate-docs' }),
    metrics,
    health: new Health(),
    // Constructors only keep the store, so one that was never opened does.
    store: Object.create(Store.prototype) as Store,
    stream: new InProcessEventStream({ ...configuration.stream, onHandlerError: () => undefined }),
  };
  watchStream(platform.metrics, platform.stream);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(platform, version, apps),
    new FastifyAdapter(),
    { logger: false, abortOnError: false },
  );
  write('configuration.md', renderConfigurationMarkdown(configurationSchema));
  write('metrics.md', renderMetricsMarkdown(metrics.registry));
  write('configuration.schema.json', `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
  write('openapi.json', `${JSON.stringify(createOpenApiDocument(app, version), null, 2)}\n`);
}

function write(name: string, content: string): void {
  writeFileSync(new URL(`../../../docs/${name}`, import.meta.url), content);
}

await generateDocs();
