import type { FeatureKind, FeatureSchema } from '@plumbline/contracts';

/**
 * The schema of a model's features, names of each kind in text order. Its id is a 48-bit hash of the content, so equal sets of
 * features have equal ids wherever they are computed.
 * @param hash of the content, lowercase hex of at least 12 digits (such as SHA-256)
 */
export function featureSchema(
  kinds: ReadonlyMap<string, FeatureKind>,
  hash: (content: string) => string,
): FeatureSchema {
  const names = (kind: FeatureKind): string[] =>
    [...kinds]
      .filter((entry) => entry[1] === kind)
      .map(([name]) => name)
      .sort();
  const schema = { numberNames: names('numeric'), textNames: names('categorical'), booleanNames: names('boolean') };
  const content = JSON.stringify([schema.numberNames, schema.textNames, schema.booleanNames]);
  return { schemaId: parseInt(hash(content).slice(0, 12), 16), ...schema };
}
