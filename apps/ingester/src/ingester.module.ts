import { Module } from '@nestjs/common';
import { IngesterMetrics } from './ingester.metrics.js';
import { IngesterService } from './ingester.service.js';

/** Needs Store, EventStream, Logger, Metrics and CONFIGURATION from the composition. */
@Module({ providers: [IngesterMetrics, IngesterService] })
export class IngesterModule {}
