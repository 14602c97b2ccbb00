import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Monitor,
  type MonitorDeclaration,
  monitorDeclarationSchema,
  type MonitorReply,
  monitorReplySchema,
  nameSchema,
} from '@plumbline/contracts';
import { defaultMonitors, selectionFault } from '@plumbline/monitoring';
import { listDeclaredMonitors, saveMonitor, Store } from '@plumbline/storage';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { type Page, pageOf } from '../http/page.js';
import { Problem } from '../http/problem.js';
import { findRegisteredModel } from './find-registered-model.js';

@ApiTags('monitors')
@Controller('v1/models/:model/monitors')
export class MonitorsController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'List the monitors of a model: the default ones and the declared ones' })
  @ApiOkResponse({ standardSchema: pageOf(monitorReplySchema) })
  async list(
    @Param('model', { schema: nameSchema }) model: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<Page<MonitorReply>> {
    const monitors = await this.monitorsOf(project, model);
    return { items: [...monitors.values()].map(toReply), next_cursor: null };
  }

  @Get(':monitor')
  @ApiOperation({ summary: 'Read a monitor' })
  @ApiOkResponse({ standardSchema: monitorReplySchema })
  async find(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('monitor', { schema: nameSchema }) monitor: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<MonitorReply> {
    const found = (await this.monitorsOf(project, model)).get(monitor);
    if (found === undefined) throw new Problem(404, `model "${model}" has no monitor "${monitor}"`);
    return toReply(found);
  }

  @Put(':monitor')
  @ApiOperation({
    summary: 'Declare a monitor',
    description: 'One that is named like a default monitor replaces it; `"enabled": false` switches it off.',
  })
  @ApiOkResponse({ standardSchema: monitorReplySchema })
  async declare(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('monitor', { schema: nameSchema }) monitor: string,
    @Body({ schema: monitorDeclarationSchema }) declaration: MonitorDeclaration,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<MonitorReply> {
    const registered = await findRegisteredModel(this.store, project, model);
    const { segment } = declaration;
    const fault = segment === undefined ? undefined : selectionFault(segment, registered.declaration.segments, model);
    if (fault !== undefined) throw new Problem(422, fault, { errors: [{ field: 'segment', message: fault }] });
    await saveMonitor(this.store, { project, model, monitor, declaration, updatedBy: name, updatedAtMs: Date.now() });
    return toReply({ project, model, monitor, declaration, origin: 'declared' });
  }

  @Delete(':monitor')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a declared monitor; a default one of that name is in force again' })
  @ApiNoContentResponse()
  async remove(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('monitor', { schema: nameSchema }) monitor: string,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<void> {
    const found = (await this.monitorsOf(project, model)).get(monitor);
    if (found === undefined) throw new Problem(404, `model "${model}" has no monitor "${monitor}"`);
    if (found.origin === 'default') {
      throw new Problem(409, `"${monitor}" is a default monitor: declare it with "enabled": false to switch it off`);
    }
    const gone = { declaration: undefined, updatedBy: name, updatedAtMs: Date.now() };
    await saveMonitor(this.store, { project, model, monitor, ...gone });
  }

  /** Monitors by name, the disabled ones included. */
  private async monitorsOf(project: string, model: string): Promise<Map<string, Monitor>> {
    const registered = await findRegisteredModel(this.store, project, model);
    const declared = await listDeclaredMonitors(this.store, project, model);
    return new Map([...defaultMonitors(registered), ...declared].map((monitor) => [monitor.monitor, monitor]));
  }
}

function toReply({ model, monitor, origin, declaration }: Monitor): MonitorReply {
  return { model, monitor, origin, ...declaration };
}
