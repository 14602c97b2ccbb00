/** One line of the doctor. `remedy` says what to do; empty when there is nothing to do. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly remedy: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, state: 'ok', detail, remedy: '' };
}

export function warn(check: string, detail: string, remedy: string): Finding {
  return { check, state: 'warn', detail, remedy };
}

export function fail(check: string, detail: string, remedy: string): Finding {
  return { check, state: 'fail', detail, remedy };
}
