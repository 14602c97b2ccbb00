import { CodeBlock, Notice, plainSentence } from '@plumbline/report';
import type { MissingReference } from '@plumbline/storage';

export interface MissingReferencesProps {
  readonly model: string;
  /** Monitors that had nothing to compare their newest window with. */
  readonly missing: readonly MissingReference[];
}

/** Says that windows could not be judged, because nobody has said what is normal. */
export function MissingReferences({ model, missing }: MissingReferencesProps) {
  const [first] = missing;
  if (first === undefined) return null;
  const versions = [...new Set(missing.map(({ version }) => version))];
  const monitors = [...new Set(missing.map(({ monitor }) => monitor))];
  return (
    <Notice tone="warning" title="No reference.">
      <p>
        {monitors.join(', ')} had nothing to compare version {versions.join(', ')} with: {plainSentence(first.reason)}.
      </p>
      <CodeBlock
        label="Command that uploads a reference"
        code={`plumbline reference upload reference.csv --model ${model} --version ${first.version}`}
      />
    </Notice>
  );
}
