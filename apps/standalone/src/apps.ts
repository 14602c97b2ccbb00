import { AlerterModule } from '@plumbline/alerter';
import { ApiModule } from '@plumbline/api';
import { EvaluatorModule } from '@plumbline/evaluator';
import { IngesterModule } from '@plumbline/ingester';

/** The four apps, in the order of the flow. */
export const apps = [IngesterModule, EvaluatorModule, AlerterModule, ApiModule];
