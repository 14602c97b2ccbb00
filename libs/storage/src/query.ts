import type { z } from 'zod';

/** A read as a value: its name (for metrics and errors), SQL with `{name:Type}` parameters, and the schemas of both sides. */
export interface Query<P extends z.ZodType, R extends z.ZodType> {
  readonly name: string;
  readonly sql: string;
  readonly params: P;
  readonly row: R;
}

/** Returns the query as it is; exists so that TypeScript infers both schemas. */
export function defineQuery<P extends z.ZodType, R extends z.ZodType>(query: Query<P, R>): Query<P, R> {
  return query;
}

/** A statement without rows to read: DELETE, INSERT … SELECT. */
export interface Command<P extends z.ZodType> {
  readonly name: string;
  readonly sql: string;
  readonly params: P;
}

/** Returns the command as it is; exists so that TypeScript infers the schema. */
export function defineCommand<P extends z.ZodType>(command: Command<P>): Command<P> {
  return command;
}
