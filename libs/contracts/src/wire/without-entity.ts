/**
 * Returns a parsed event with the hash of its data subject in place of it, and undefined when it names none: what is kept of an
 * event that was refused must not tell who it is about.
 */
export function withoutEntity(raw: unknown, hashEntity: (entityId: string) => string): object | undefined {
  if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, 'entity_id')) return undefined;
  const { entity_id: entity, ...rest } = raw as { readonly entity_id: unknown };
  return { ...rest, entity_hash: hashEntity(typeof entity === 'string' ? entity : JSON.stringify(entity)) };
}
