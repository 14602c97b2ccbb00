/** A JSON log line as a person reads it: time, level, message, then the other fields, and the stack of an error below. */
export function renderLogLine(line: string): string {
  const { time, level, msg, service: _service, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const shownFields = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  const stack = isError(err) ? `\n${err.stack}` : '';
  return `${String(time)} ${String(level).toUpperCase().padEnd(5)} ${typeof msg === 'string' ? msg : ''}${shownFields.join('')}${stack}\n`;
}

function isError(value: unknown): value is { readonly stack: string } {
  return typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string';
}
