import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
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

/** One or more apps on a platform: the root module of a process. */
@Module({})
export class AppModule {
  /** @param apps modules of the apps, in the order of the flow */
  static forRoot(platform: Platform, version: string, apps: readonly Type[]): DynamicModule {
    return {
      module: AppModule,
      imports: [TelemetryModule.forRoot({ ...platform, version }), PlatformModule.forRoot(platform), ...apps],
    };
  }
}
