import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  type RouteDeclaration,
  routeDeclarationSchema,
  type RouteReply,
  routeReplySchema,
} from '@plumbline/contracts';
import { findRoute, listRoutes, saveRoute, Store, type StoredRoute } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { checkMatchers } from '../alerts/check-matchers.js';
import { wakeProject } from '../alerts/wake-project.js';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf } from '../http/page.js';
import { Problem } from '../http/problem.js';

@ApiTags('routes')
@Controller('v1/routes')
export class RoutesController {
  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List which alerts go to whom, in the order in which the routes are asked' })
  @ApiOkResponse({ standardSchema: pageOf(routeReplySchema) })
  async list(@CurrentCaller() { project }: Caller): Promise<Page<RouteReply>> {
    const routes = await listRoutes(this.store, [project]);
    // They come by name, and sorting keeps that where the order is the same.
    routes.sort((left, right) => left.declaration.order - right.declaration.order);
    return { items: routes.map(toReply), next_cursor: null };
  }

  @Get(':route')
  @ApiOperation({ summary: 'Read a route' })
  @ApiOkResponse({ standardSchema: routeReplySchema })
  async find(
    @Param('route', { schema: nameSchema }) route: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<RouteReply> {
    return toReply(await this.existing(project, route));
  }

  @Put(':route')
  @ApiOperation({
    summary: 'Declare which alerts go to whom, and how often',
    description: 'A receiver that is named may be declared later. Alerts that no route takes go to all receivers.',
  })
  @ApiOkResponse({ standardSchema: routeReplySchema })
  async declare(
    @Param('route', { schema: nameSchema }) route: string,
    @Body({ schema: routeDeclarationSchema }) declaration: RouteDeclaration,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<RouteReply> {
    checkMatchers(declaration.matchers);
    const change = { project, route, declaration, updatedBy: name, updatedAtMs: Date.now() };
    await saveRoute(this.store, change);
    await wakeProject(this.store, this.stream, this.logger, project);
    return toReply(change);
  }

  @Delete(':route')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a route' })
  @ApiNoContentResponse()
  async remove(
    @Param('route', { schema: nameSchema }) route: string,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<void> {
    await this.existing(project, route);
    await saveRoute(this.store, { project, route, declaration: undefined, updatedBy: name, updatedAtMs: Date.now() });
    await wakeProject(this.store, this.stream, this.logger, project);
  }

  private async existing(project: string, route: string): Promise<StoredRoute> {
    const found = await findRoute(this.store, project, route);
    if (found === undefined) throw new Problem(404, `there is no route "${route}"`);
    return found;
  }
}

function toReply({ route, declaration, updatedAtMs, updatedBy }: StoredRoute): RouteReply {
  return { route, updated_at: instantText(updatedAtMs), updated_by: updatedBy, ...declaration };
}
