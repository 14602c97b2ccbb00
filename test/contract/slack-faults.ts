/**
 * What Slack would refuse of a message, after its documentation as of 2026: https://docs.slack.dev/reference/block-kit/blocks,
 * https://docs.slack.dev/reference/methods/chat.postMessage
 */
const LIMITS = {
  blocks: 50,
  header: 150,
  section: 3000,
  field: 2000,
  fields: 10,
  contextElements: 10,
  contextText: 2000,
  buttons: 25,
  buttonText: 75,
  url: 3000,
  actionId: 255,
  text: 40_000,
  /** Of a message as a whole; beyond about this Slack answers msg_blocks_too_long, a bound that it does not document. */
  allBlocks: 13_000,
  metadataBytes: 16_384,
} as const;

type Json = Readonly<Record<string, unknown>>;

/** Returns what is wrong with a message: a sentence each. */
export function slackFaults(message: Json): string[] {
  const faults: string[] = [];
  const { text, blocks, attachments, metadata } = message;
  const expectThat = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  expectThat(typeof text === 'string' && text.length > 0 && text.length <= LIMITS.text, 'text beside blocks');
  expectThat(escaped(text), 'text is not escaped');
  const lists = [blocks, ...list(attachments).map((attachment) => attachment['blocks'])];
  const all = lists.flatMap(list);
  expectThat(all.length > 0 && all.length <= LIMITS.blocks, `${all.length} blocks`);
  expectThat(JSON.stringify(all).length <= LIMITS.allBlocks, `blocks are ${JSON.stringify(all).length} long`);
  for (const attachment of list(attachments)) {
    expectThat(/^#[0-9a-f]{6}$/.test(String(attachment['color'])), 'colour');
    expectThat(typeof attachment['fallback'] === 'string', 'fallback of an attachment');
  }
  for (const block of all) faults.push(...blockFaults(block));
  if (metadata !== undefined) {
    expectThat(JSON.stringify(metadata).length <= LIMITS.metadataBytes, 'metadata_too_large');
    expectThat(/^[a-z_]+$/.test(String((metadata as Json)['event_type'])), 'metadata without event_type');
  }
  return faults;
}

function blockFaults(block: Json): string[] {
  switch (block['type']) {
    case 'header':
      return textFaults(block['text'], 'plain_text', LIMITS.header);
    case 'section': {
      const fields = list(block['fields']);
      if ('text' in block) return textFaults(block['text'], 'mrkdwn', LIMITS.section);
      if (fields.length === 0 || fields.length > LIMITS.fields) return [`${fields.length} fields`];
      return fields.flatMap((field) => textFaults(field, 'mrkdwn', LIMITS.field));
    }
    case 'context': {
      const elements = list(block['elements']);
      if (elements.length === 0 || elements.length > LIMITS.contextElements) return [`${elements.length} elements`];
      return elements.flatMap((element) => textFaults(element, 'mrkdwn', LIMITS.contextText));
    }
    case 'actions': {
      const buttons = list(block['elements']);
      const ids = new Set(buttons.map((button) => button['action_id']));
      return [
        ...(buttons.length === 0 || buttons.length > LIMITS.buttons ? [`${buttons.length} buttons`] : []),
        ...(ids.size === buttons.length ? [] : ['action ids are not unique']),
        ...buttons.flatMap(buttonFaults),
      ];
    }
    default:
      return [`a block of type ${String(block['type'])}`];
  }
}

function buttonFaults(button: Json): string[] {
  const url = String(button['url']);
  return [
    ...(button['type'] === 'button' ? [] : ['not a button']),
    ...(/^https?:\/\//.test(url) && url.length <= LIMITS.url ? [] : [`address ${url.slice(0, 30)}`]),
    ...(String(button['action_id']).length <= LIMITS.actionId ? [] : ['action id too long']),
    ...textFaults(button['text'], 'plain_text', LIMITS.buttonText),
  ];
}

function textFaults(object: unknown, type: string, maxLength: number): string[] {
  const { type: actual, text, verbatim } = object as Json;
  return [
    ...(actual === type ? [] : [`text of type ${String(actual)}`]),
    ...(typeof text === 'string' && text.length > 0 && text.length <= maxLength
      ? []
      : [`text of ${String(text).length} characters where ${maxLength} are taken`]),
    ...(escaped(text) ? [] : [`not escaped: ${String(text).slice(0, 50)}`]),
    ...(type === 'mrkdwn' && verbatim !== true ? ['addresses in it become links'] : []),
  ];
}

/** Nothing in it is obeyed: no mention, no link, no half entity. */
function escaped(text: unknown): boolean {
  return typeof text === 'string' && !/[<>]|&(?!(?:amp|lt|gt);)/.test(text) && text.isWellFormed();
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
