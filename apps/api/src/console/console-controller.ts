import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ConsoleGuard } from './console.guard.js';

/**
 * A controller of pages: behind the ConsoleGuard, and not in the OpenAPI document. Handlers return the HTML of a page, or end with
 * `seeOther`; a Problem that they throw becomes a page.
 */
export function ConsoleController(): ClassDecorator {
  return applyDecorators(Controller(), UseGuards(ConsoleGuard), ApiExcludeController());
}
