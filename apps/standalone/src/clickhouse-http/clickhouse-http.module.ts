import { Module } from '@nestjs/common';
import { ClickhouseHttp } from './clickhouse-http.js';

/** Needs Store, Logger and CONFIGURATION from the composition. */
@Module({ providers: [ClickhouseHttp] })
export class ClickhouseHttpModule {}
