import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { createOpenApiDocument } from './create-open-api-document.js';

/** The document of a running application: made on the first request, because routes are known only then. */
export class OpenApiDocument {
  private app: INestApplication | undefined;
  private document: OpenAPIObject | undefined;

  describe(app: INestApplication): void {
    this.app = app;
  }

  read(version: string): OpenAPIObject {
    if (this.app === undefined) throw new Error('configureHttp was not called for this application');
    this.document ??= createOpenApiDocument(this.app, version);
    return this.document;
  }
}
