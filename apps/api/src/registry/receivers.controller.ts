import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  type ReceiverDeclaration,
  receiverDeclarationSchema,
  type ReceiverReply,
  receiverReplySchema,
} from '@plumbline/contracts';
import {
  deleteReceiver,
  findReceiver,
  listReceivers,
  saveReceiver,
  Store,
  type StoredReceiver,
} from '@plumbline/storage';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf } from '../http/page.js';
import { Problem } from '../http/problem.js';

@ApiTags('receivers')
@Controller('v1/receivers')
export class ReceiversController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'List the receivers of alerts' })
  @ApiOkResponse({ standardSchema: pageOf(receiverReplySchema) })
  async list(@CurrentCaller() { project }: Caller): Promise<Page<ReceiverReply>> {
    return { items: (await listReceivers(this.store, project)).map(toReply), next_cursor: null };
  }

  @Get(':receiver')
  @ApiOperation({ summary: 'Read a receiver' })
  @ApiOkResponse({ standardSchema: receiverReplySchema })
  async find(
    @Param('receiver', { schema: nameSchema }) receiver: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<ReceiverReply> {
    const found = await findReceiver(this.store, project, receiver);
    if (found === undefined) throw new Problem(404, `there is no receiver "${receiver}"`);
    return toReply(found);
  }

  @Put(':receiver')
  @ApiOperation({ summary: 'Declare a receiver of alerts' })
  @ApiOkResponse({ standardSchema: receiverReplySchema })
  async declare(
    @Param('receiver', { schema: nameSchema }) receiver: string,
    @Body({ schema: receiverDeclarationSchema }) declaration: ReceiverDeclaration,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<ReceiverReply> {
    const change = { project, receiver, declaration, updatedBy: name, updatedAtMs: Date.now() };
    await saveReceiver(this.store, change);
    return toReply({ ...change, state: 'active' });
  }

  @Delete(':receiver')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a receiver' })
  @ApiNoContentResponse()
  async remove(
    @Param('receiver', { schema: nameSchema }) receiver: string,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<void> {
    const key = { project, receiver, updatedBy: name, updatedAtMs: Date.now() };
    if (!(await deleteReceiver(this.store, key))) throw new Problem(404, `there is no receiver "${receiver}"`);
  }
}

function toReply(stored: Omit<StoredReceiver, 'createdAtMs'>): ReceiverReply {
  return {
    receiver: stored.receiver,
    state: stored.state,
    updated_at: instantText(stored.updatedAtMs),
    updated_by: stored.updatedBy,
    ...stored.declaration,
  };
}
