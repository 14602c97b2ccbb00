import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { EvaluationRequests } from './evaluation-requests.js';
import { EvaluationScheduler } from './evaluation.scheduler.js';
import { EvaluationService } from './evaluation.service.js';
import { EvaluatorMetrics } from './evaluator.metrics.js';

/** Turns windows into measurements and alerts. Needs Store, EventStream, Logger, Metrics, Health and CONFIGURATION from the composition. */
@Module({
  imports: [ScheduleModule.forRoot()],
  providers: [EvaluatorMetrics, EvaluationService, EvaluationScheduler, EvaluationRequests],
})
export class EvaluatorModule {}
