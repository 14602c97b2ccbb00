import { Controller, Get, Header } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Metrics } from './metrics.js';

@Controller()
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get('metrics')
  @Header('content-type', Registry.OPENMETRICS_CONTENT_TYPE)
  @Header('cache-control', 'no-store')
  async read(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
