import type { ModelReportScope, SeriesSummary, UsedReference } from '@plumbline/contracts';
import { listReferences, type ReferenceHead, type Store } from '@plumbline/storage';

const MAX_REFERENCES = 50;

/** Reads what the windows of some summaries were compared with. A reference that moves is known by its rows alone. */
export async function readUsedReferences(
  store: Store,
  { project, model }: ModelReportScope,
  summaries: readonly SeriesSummary[],
): Promise<UsedReference[]> {
  const rows = new Map<string, { rows: number; version: string }>();
  for (const { version, newest, worst } of summaries) {
    for (const { referenceId, nReference } of [newest, worst]) {
      if (referenceId === '') continue;
      rows.set(referenceId, { version, rows: Math.max(nReference, rows.get(referenceId)?.rows ?? 0) });
    }
  }
  if (rows.size === 0) return [];
  const heads = new Map(
    (await listReferences(store, project, model, MAX_REFERENCES)).map((head) => [head.referenceId, head]),
  );
  return [...rows]
    .map(([referenceId, of]) => toUsed(referenceId, of, heads.get(referenceId)))
    .sort((left, right) => (right.createdAtMs ?? Infinity) - (left.createdAtMs ?? Infinity))
    .slice(0, MAX_REFERENCES);
}

function toUsed(
  referenceId: string,
  of: { readonly rows: number; readonly version: string },
  head: ReferenceHead | undefined,
): UsedReference {
  if (head === undefined) {
    return { referenceId, version: of.version, kind: 'moving', rows: of.rows, createdAtMs: undefined, source: '' };
  }
  const { version, kind = 'uploaded', n, createdAtMs, source } = head;
  return { referenceId, version: version ?? '', kind, rows: n, createdAtMs, source: source ?? '' };
}
