import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Header, Inject, Param, StreamableFile } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { configurationJsonSchema, type JsonSchema } from '@plumbline/contracts';
import { VERSION } from '@plumbline/telemetry';
import { Problem } from '../http/problem.js';
import { OpenApiDocument } from './open-api-document.js';

/** The package exports no path that leads to its folder but its own main file. */
const ASSETS = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist'));
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
]);
/** Nothing from elsewhere; styles inline because Swagger UI sets them on its elements, images inline because its CSS has them. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Plumbline API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`;
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', validatorUrl: null, deepLinking: true });\n`;

/** Serves the OpenAPI document, and Swagger UI from the files of its package: @fastify/static, the usual way, needs Node 22. */
@ApiExcludeController()
@Controller()
export class DocsController {
  constructor(
    private readonly document: OpenApiDocument,
    @Inject(VERSION) private readonly version: string,
  ) {}

  @Get('openapi.json')
  read(): OpenAPIObject {
    return this.document.read(this.version);
  }

  /** For editors: of the files that `plumbline apply` takes. */
  @Get('schemas/configuration.json')
  @Header('content-type', 'application/schema+json')
  configurationSchema(): JsonSchema {
    return configurationJsonSchema();
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  page(): string {
    return PAGE;
  }

  @Get('docs/start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  start(): string {
    return START;
  }

  @Get('docs/:asset')
  @Header('cache-control', 'public, max-age=3600')
  asset(@Param('asset') asset: string): StreamableFile {
    const type = CONTENT_TYPES.get(asset);
    if (type === undefined) throw new Problem(404, 'there is no such file');
    return new StreamableFile(createReadStream(join(ASSETS, asset)), { type });
  }
}
