import { IncomingMessage } from 'node:http';
import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { parseJson } from './parse-json.js';
import { Problem } from './problem.js';
import { readBody } from './read-body.js';
import { validate } from './validate.js';

/** A declaration of 10 000 features fits. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

const WHAT = { body: 'the body', query: 'the query', param: 'the path', custom: 'the request', raw: 'the request' };

/**
 * Checks what a handler declares with a schema, as in `@Body({ schema })`. Nest's own StandardSchemaValidationPipe does the same
 * but for two things: here a body is still a stream, because it is read only after the guard let the request in, and an error
 * names its field.
 */
@Injectable()
export class RequestValidation implements PipeTransform {
  async transform(value: unknown, { type, schema, data }: ArgumentMetadata): Promise<unknown> {
    if (!(schema instanceof z.ZodType)) return value;
    const given = type === 'body' ? await readJson(value) : value;
    return validate(schema, given, data === undefined ? WHAT[type] : `${WHAT[type]} (${data})`);
  }
}

async function readJson(body: unknown): Promise<unknown> {
  if (!(body instanceof IncomingMessage))
    throw new Problem(400, 'a body is required: send JSON; {} takes all defaults');
  const type = (body.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new Problem(415, `content type "${type}" is not understood here: send application/json`);
  }
  if (body.headers['content-encoding'] !== undefined && body.headers['content-encoding'] !== 'identity') {
    throw new Problem(415, 'compressed bodies are understood by intake only: send it as it is');
  }
  return parseJson((await readBody(body, MAX_JSON_BYTES)).toString('utf8'), 'the body');
}
