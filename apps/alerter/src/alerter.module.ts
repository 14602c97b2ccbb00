import { Module } from '@nestjs/common';
import { AlerterMetrics } from './alerter.metrics.js';
import { DispatchScheduler, SECRET_ENVIRONMENT } from './dispatch.scheduler.js';

/** Tells receivers of alerts and calls for retraining. Needs Store, EventStream, Logger, Metrics, Health and CONFIGURATION. */
@Module({
  providers: [
    AlerterMetrics,
    DispatchScheduler,
    // Secrets are kept by reference and looked up when they are used: the one setting that configuration cannot hold.
    { provide: SECRET_ENVIRONMENT, useValue: process.env },
  ],
})
export class AlerterModule {}
