/**
 * Events API v2 as JSON schemas, written after its documentation and its published OpenAPI description (PagerDuty V2 Events API 2.0):
 * https://developer.pagerduty.com/docs/send-alert-event, https://developer.pagerduty.com/docs/send-change-event.
 * Stricter than the service where that ignores things silently: unknown keys, links that are none.
 */
const routingKey = { type: 'string', pattern: '^[A-Za-z0-9]{32}$' };
const summary = { type: 'string', minLength: 1, maxLength: 1024 };
const timestamp = { type: 'string', format: 'date-time' };
const source = { type: 'string', minLength: 1 };
const links = {
  type: 'array',
  items: {
    type: 'object',
    properties: { href: { type: 'string', format: 'uri', pattern: '^https?://' }, text: { type: 'string' } },
    required: ['href'],
    additionalProperties: false,
  },
};

const common = {
  routing_key: routingKey,
  dedup_key: { type: 'string', minLength: 1, maxLength: 255 },
};

export const pagerdutyEventSchema = {
  type: 'object',
  oneOf: [
    {
      properties: {
        ...common,
        event_action: { const: 'trigger' },
        client: { type: 'string' },
        client_url: { type: 'string', format: 'uri' },
        links,
        images: {
          type: 'array',
          items: { type: 'object', properties: { src: { type: 'string', pattern: '^https://' } }, required: ['src'] },
        },
        payload: {
          type: 'object',
          properties: {
            summary,
            source,
            timestamp,
            severity: { enum: ['critical', 'error', 'warning', 'info'] },
            component: { type: 'string' },
            group: { type: 'string' },
            class: { type: 'string' },
            custom_details: { type: 'object' },
          },
          required: ['summary', 'source', 'severity'],
          additionalProperties: false,
        },
      },
      required: ['routing_key', 'event_action', 'payload'],
      additionalProperties: false,
    },
    {
      properties: { ...common, event_action: { enum: ['acknowledge', 'resolve'] } },
      required: ['routing_key', 'event_action', 'dedup_key'],
      additionalProperties: false,
    },
  ],
};

export const pagerdutyChangeSchema = {
  type: 'object',
  properties: {
    routing_key: routingKey,
    payload: {
      type: 'object',
      properties: { summary, timestamp, source, custom_details: { type: 'object' } },
      required: ['summary'],
      additionalProperties: false,
    },
    links,
  },
  required: ['routing_key', 'payload'],
  additionalProperties: false,
};

/** Of an event as JSON. */
export const PAGERDUTY_MAX_BYTES = 512_000;
