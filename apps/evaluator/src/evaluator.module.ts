import { Global, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { EVALUATIONS } from '@plumbline/contracts';
import { EvaluationRequests } from './evaluation-requests.js';
import { EvaluationScheduler } from './evaluation.scheduler.js';
import { EvaluationService } from './evaluation.service.js';
import { EvaluatorMetrics } from './evaluator.metrics.js';

/**
 * Turns windows into measurements and alerts. Needs Store, EventStream, Logger, Metrics, Health and CONFIGURATION from the
 * composition; gives EVALUATIONS to whatever lets people ask for an evaluation.
 */
@Global()
@Module({
  imports: [ScheduleModule.forRoot()],
  providers: [
    EvaluatorMetrics,
    EvaluationService,
    EvaluationScheduler,
    EvaluationRequests,
    { provide: EVALUATIONS, useExisting: EvaluationRequests },
  ],
  exports: [EVALUATIONS],
})
export class EvaluatorModule {}
