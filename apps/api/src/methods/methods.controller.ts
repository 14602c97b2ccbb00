import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { driftMethods, type MethodReply, methodSchema } from '@plumbline/contracts';
import { type Method, methodIds, methods } from '@plumbline/statistics';
import { type Page, pageOf } from '../http/page.js';

@ApiTags('methods')
@Controller('v1/methods')
export class MethodsController {
  @Get()
  @ApiOperation({ summary: 'List the drift methods: formula, bins, usual thresholds, minimum of rows, source' })
  @ApiOkResponse({ standardSchema: pageOf(methodSchema) })
  list(): Page<MethodReply> {
    return { items: methodIds.map((id) => toReply(methods[id])), next_cursor: null };
  }
}

function toReply(method: Method): MethodReply {
  return {
    id: method.id,
    label: method.label,
    formula: method.formula,
    bins: method.bins,
    kinds: [...method.kinds],
    default_thresholds: { ...method.defaults },
    minimum_rows: method.minimumRows,
    reference: method.reference,
    from_bins: method.fromBins,
    in_monitors: (driftMethods as readonly string[]).includes(method.id),
    effect: method.effect,
  };
}
