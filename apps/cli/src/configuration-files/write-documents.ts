import { isDeepStrictEqual } from 'node:util';
import { documentDeclarations } from '@plumbline/contracts';
import { stringify } from 'yaml';
import type { ConfigurationDocument } from './check-document.js';

/** Returns documents as people would have written them: what has its default is left out. */
export function plainDocuments(documents: readonly ConfigurationDocument[]): readonly object[] {
  return documents.map(({ kind, name, model, declaration }) => ({
    kind,
    ...(model === undefined ? {} : { model }),
    name,
    ...withoutDefaults(declaration, documentDeclarations[kind].schema),
  }));
}

/** Returns documents as the text of a YAML file. */
export function yamlOf(documents: readonly ConfigurationDocument[]): string {
  return plainDocuments(documents)
    .map((document) => stringify(document))
    .join('---\n');
}

type Schema = (typeof documentDeclarations)[keyof typeof documentDeclarations]['schema'];

/** A field may go when the schema puts the same back. */
function withoutDefaults(declaration: object, schema: Schema): object {
  let kept: Record<string, unknown> = { ...declaration };
  for (const field of Object.keys(kept)) {
    const { [field]: _, ...rest } = kept;
    const parsed = schema.safeParse(rest);
    if (parsed.success && isDeepStrictEqual(parsed.data, declaration)) kept = rest;
  }
  return kept;
}
