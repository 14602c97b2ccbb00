import type { IncomingHttpHeaders } from 'node:http';
import type { CloudEventAttributes } from '@plumbline/contracts';

/** `structured`: each event is its own envelope. Attributes: binary mode, the body is the data. `undefined`: no CloudEvent. */
export type CloudEventMode = CloudEventAttributes | 'structured' | undefined;

const REQUIRED = ['ce-id', 'ce-source', 'ce-type', 'ce-specversion'];

/** Returns how a request carries CloudEvents, by its headers (HTTP binding 1.0). */
export function cloudEventMode(headers: IncomingHttpHeaders): CloudEventMode {
  const contentType = headers['content-type'] ?? '';
  if (contentType.trim().toLowerCase().startsWith('application/cloudevents')) return 'structured';
  if (!REQUIRED.every((name) => name in headers)) return undefined;
  const attributes: Record<string, unknown> = { datacontenttype: contentType };
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-')) attributes[name.slice(3)] = typeof value === 'string' ? attributeText(value) : null;
  }
  return attributes;
}

/** Text of an attribute: without quotes, and percent-decoded once; null when it is damaged, which no check lets through. */
function attributeText(header: string): string | null {
  const quoted = /^"(.*)"$/s.exec(header)?.[1];
  const text = quoted === undefined ? header : quoted.replace(/\\(.)/gs, '$1');
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
