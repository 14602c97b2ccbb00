import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AlerterModule } from '@plumbline/alerter';
import { ApiModule } from '@plumbline/api';
import { EvaluatorModule } from '@plumbline/evaluator';
import { IngesterModule } from '@plumbline/ingester';
import { Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { CONFIGURATION, TelemetryModule } from '@plumbline/telemetry';
import type { Platform } from './platform.js';

/** Gives every app the one store and the one stream of the process. */
@Global()
@Module({})
class PlatformModule {
  static forRoot({ configuration, store, stream }: Platform): DynamicModule {
    return {
      module: PlatformModule,
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        { provide: Store, useValue: store },
        { provide: EventStream, useValue: stream },
      ],
      exports: [CONFIGURATION, Store, EventStream],
    };
  }
}

/** The four apps in one process, in the order of the flow. */
@Module({})
export class StandaloneModule {
  static forRoot(platform: Platform, version: string): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        TelemetryModule.forRoot({ ...platform, version }),
        PlatformModule.forRoot(platform),
        IngesterModule,
        EvaluatorModule,
        AlerterModule,
        ApiModule,
      ],
    };
  }
}
