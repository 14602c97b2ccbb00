import { Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import type { Configuration } from '@plumbline/contracts';
import { LinkKeys } from '@plumbline/platform';
import { Store } from '@plumbline/storage';
import { CONFIGURATION } from '@plumbline/telemetry';
import { AlertsController } from './alerts/alerts.controller.js';
import { NotificationsController } from './alerts/notifications.controller.js';
import { SilencesController } from './alerts/silences.controller.js';
import { ApiKeyGuard } from './auth/api-key.guard.js';
import { AssetsController } from './console/assets.controller.js';
import { ConsoleSessions } from './console/console-sessions.js';
import { AlertsPagesController } from './console/pages/alerts/alerts-pages.controller.js';
import { FeaturePagesController } from './console/pages/feature/feature-pages.controller.js';
import { ModelPagesController } from './console/pages/model/model-pages.controller.js';
import { RunsPagesController } from './console/pages/retraining/runs-pages.controller.js';
import { FleetController } from './console/fleet/fleet.controller.js';
import { SignInController } from './console/sign-in.controller.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { EvaluationsController } from './evaluations/evaluations.controller.js';
import { HostGuard } from './http/host.guard.js';
import { RequestTimeout } from './http/request-timeout.js';
import { IntakeController } from './intake/intake.controller.js';
import { IntakeMetrics } from './intake/intake.metrics.js';
import { KnownModels } from './intake/known-models.js';
import { AlertLinks } from './links/alert-links.js';
import { LINK_HANDLERS, type LinkHandler } from './links/link-handler.js';
import { LinksController } from './links/links.controller.js';
import { RetrainingLinks } from './links/retraining-links.js';
import { MethodsController } from './methods/methods.controller.js';
import { DocsController } from './openapi/docs.controller.js';
import { OpenApiDocument } from './openapi/open-api-document.js';
import { CellsController } from './queries/cells.controller.js';
import { MeasurementsController } from './queries/measurements.controller.js';
import { ModelHealthController } from './queries/model-health.controller.js';
import { PerformanceController } from './queries/performance.controller.js';
import { RetrainingRunsController } from './queries/retraining-runs.controller.js';
import { ModelReferencesController } from './references/model-references.controller.js';
import { ReferencesController } from './references/references.controller.js';
import { FeatureImportanceController } from './registry/feature-importance.controller.js';
import { ModelsController } from './registry/models.controller.js';
import { MonitorsController } from './registry/monitors.controller.js';
import { ReceiversController } from './registry/receivers.controller.js';
import { RetrainingPoliciesController } from './registry/retraining-policies.controller.js';
import { RoutesController } from './registry/routes.controller.js';
import { ModelReportController } from './reports/model-report.controller.js';

/**
 * The HTTP API. Needs Store, EventStream, Logger, Metrics, VERSION and CONFIGURATION from the composition, an application
 * created with `bodyParser: false`, and `configureHttp` before it listens.
 */
@Module({
  controllers: [
    IntakeController,
    ModelsController,
    FeatureImportanceController,
    MonitorsController,
    ReceiversController,
    RoutesController,
    RetrainingPoliciesController,
    MethodsController,
    ModelReferencesController,
    ReferencesController,
    CellsController,
    MeasurementsController,
    ModelHealthController,
    PerformanceController,
    ModelReportController,
    AlertsController,
    SilencesController,
    NotificationsController,
    RetrainingRunsController,
    EvaluationsController,
    DeadLettersController,
    LinksController,
    DocsController,
    AssetsController,
    SignInController,
    FleetController,
    ModelPagesController,
    FeaturePagesController,
    AlertsPagesController,
    RunsPagesController,
  ],
  providers: [
    IntakeMetrics,
    KnownModels,
    OpenApiDocument,
    {
      provide: LinkKeys,
      useFactory: (store: Store, { alerting }: Configuration) => new LinkKeys(store, alerting),
      inject: [Store, CONFIGURATION],
    },
    AlertLinks,
    RetrainingLinks,
    // Who serves links: each handler is a provider above, and named here.
    {
      provide: LINK_HANDLERS,
      useFactory: (...handlers: LinkHandler[]) => handlers,
      inject: [AlertLinks, RetrainingLinks],
    },
    ConsoleSessions,
    // In this order: who asks under a name that is not ours is told no more.
    { provide: APP_GUARD, useClass: HostGuard },
    { provide: APP_GUARD, useClass: ApiKeyGuard },
    { provide: APP_INTERCEPTOR, useClass: RequestTimeout },
  ],
})
export class ApiModule {}
