import { Get, Inject, Query, Req } from '@nestjs/common';
import type { Configuration } from '@plumbline/contracts';
import { Store } from '@plumbline/storage';
import { CONFIGURATION } from '@plumbline/telemetry';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ConsoleController } from '../console-controller.js';
import { CurrentVisit, type Visit } from '../visit.js';
import { renderFleetPage } from './fleet-page.js';
import { FleetDetails } from './fleet-details.js';
import { FLEET_STATES } from './fleet-state.js';
import { readFleet } from './read-fleet.js';

/** Of an address that people share and change by hand: what is not right in it is as if it were not there. */
const querySchema = z.object({
  q: z.string().trim().max(200).catch(''),
  state: z.enum(FLEET_STATES).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(1_000_000).catch(1),
});

/** The first page: all models, worst first. */
@ConsoleController()
export class FleetController {
  private readonly details: FleetDetails;

  constructor(
    private readonly store: Store,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {
    this.details = new FleetDetails(store);
  }

  @Get()
  async show(@Query() query: unknown, @CurrentVisit() visit: Visit, @Req() request: FastifyRequest): Promise<string> {
    const { q: search, state, page } = querySchema.parse(query);
    const filter = { search, state, page };
    const fleet = await readFleet(this.store, this.details, visit.caller.project, filter, visit.nowMs);
    const { externalUrl } = this.configuration.alerting;
    const serverUrl = externalUrl === '' ? `${visit.secure ? 'https' : 'http'}://${request.host}` : externalUrl;
    return renderFleetPage(visit, fleet, filter, serverUrl.replace(/\/+$/, ''));
  }
}
