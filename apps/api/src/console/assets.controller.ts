import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Problem } from '../http/problem.js';
import { SCRIPT_ASSET, STYLESHEET_ASSET } from './console-assets.js';

/** Serves style sheet and script of the console to everybody: they hold nothing of anybody. */
@ApiExcludeController()
@Controller('assets')
export class AssetsController {
  @Get(':file')
  async read(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    const asset = [STYLESHEET_ASSET, SCRIPT_ASSET].find(({ path }) => path === `/assets/${file}`);
    if (asset === undefined) throw new Problem(404, 'there is no such file: load the page anew');
    await reply
      .headers({
        'content-type': asset.contentType,
        'cache-control': 'public, max-age=31536000, immutable',
        'cross-origin-resource-policy': 'same-origin',
      })
      .send(asset.content);
  }
}
