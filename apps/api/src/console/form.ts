import { IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Problem } from '../http/problem.js';
import { readBody } from '../http/read-body.js';

const MAX_FORM_BYTES = 64 * 1024;

const forms = new WeakMap<FastifyRequest, Readonly<Record<string, string>>>();

/** Reads the form of a request, for `Form` to give out. Of a field that comes twice the last one counts. @throws Problem 413, 415 */
export async function readForm(request: FastifyRequest): Promise<Readonly<Record<string, string>>> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw new Problem(415, 'the console takes forms of its pages only: use the API under /v1');
  }
  const { body } = request;
  const text = body instanceof IncomingMessage ? (await readBody(body, MAX_FORM_BYTES)).toString('utf8') : '';
  const fields = Object.fromEntries(new URLSearchParams(text));
  forms.set(request, fields);
  return fields;
}

// The schema stands inside an object: by itself Nest would take it for a pipe, because it has a `transform`.
const FormFields = createParamDecorator(
  ({ form }: { readonly form: z.ZodType }, context: ExecutionContext): unknown => {
    const fields = forms.get(context.switchToHttp().getRequest<FastifyRequest>());
    if (fields === undefined) throw new Error('the route is not a POST of a ConsoleController');
    const { csrf: _, ...others } = fields;
    const parsed = form.safeParse(others);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    throw new Problem(400, `${field === '' ? 'the form' : field}: ${issue?.message ?? 'is not right'}`);
  },
);

/** Gives a handler the fields of the form that was sent, checked. @throws Problem 400 that names the first field that is not right */
export function Form(form: z.ZodType): ParameterDecorator {
  return FormFields({ form });
}
