import { AlerterModule } from '@plumbline/alerter';
import { ApiModule } from '@plumbline/api';
import { EvaluatorModule } from '@plumbline/evaluator';
import { IngesterModule } from '@plumbline/ingester';
import { ClickhouseHttpModule } from './clickhouse-http/clickhouse-http.module.js';

/** The four apps, in the order of the flow, and the way of ClickHouse clients to the tables. */
export const apps = [IngesterModule, EvaluatorModule, AlerterModule, ApiModule, ClickhouseHttpModule];
