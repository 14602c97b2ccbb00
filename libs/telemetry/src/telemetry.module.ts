import type { DynamicModule } from '@nestjs/common';
import { Global, Module } from '@nestjs/common';
import { HealthController } from './health/health.controller.js';
import { Health } from './health/health.js';
import { VERSION } from './health/version.js';
import { Logger } from './log/logger.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { Metrics } from './metrics/metrics.js';

export interface TelemetryOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly version: string;
}

/** Gives every module Logger, Metrics and Health, and the process /healthz, /readyz, /version and /metrics. */
@Global()
@Module({})
export class TelemetryModule {
  static forRoot({ logger, metrics, health, version }: TelemetryOptions): DynamicModule {
    return {
      module: TelemetryModule,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Logger, useValue: logger },
        { provide: Metrics, useValue: metrics },
        { provide: Health, useValue: health },
        { provide: VERSION, useValue: version },
      ],
      exports: [Logger, Metrics, Health, VERSION],
    };
  }
}
