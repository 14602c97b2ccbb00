import type { Segment } from '@plumbline/contracts';
import { otherSegment, valueSegment } from './segment-name.js';

/**
 * Whether a monitor with this selection looks at a segment: at "" (all events) without one, at every segment with "*", else at the
 * segment of that name, or at the segments of all values when the name is that of a declaration by value.
 */
export function selectsSegment(selection: string | undefined, segment: string): boolean {
  if (selection === undefined) return segment === '';
  if (selection === '*') return segment !== '';
  return (
    segment === selection || segment === otherSegment(selection) || segment.startsWith(valueSegment(selection, ''))
  );
}

/** Whether a selection names one segment alone, which is looked at even when nothing of it comes. */
export function selectsOne(selection: string | undefined, segments: readonly Segment[]): boolean {
  return selection === undefined || (selection !== '*' && !isSplit(selection, segments));
}

/** Whether the model declares the segment, or one that makes it. */
export function isDeclaredSegment(segment: string, segments: readonly Segment[]): boolean {
  return segments.some(({ name, by, values }) => {
    if (by === undefined) return segment === name;
    if (segment === otherSegment(name)) return true;
    const prefix = valueSegment(name, '');
    if (!segment.startsWith(prefix)) return false;
    const value = segment.slice(prefix.length);
    return value !== '' && (values?.map(String).includes(value) ?? true);
  });
}

/** Why a monitor cannot look at this selection, with what to do; undefined when it can. */
export function selectionFault(selection: string, segments: readonly Segment[], model: string): string | undefined {
  if (selection === '*') {
    return segments.length > 0
      ? undefined
      : `model "${model}" declares no segments: declare some with PUT /v1/models/${model} first`;
  }
  if (isSplit(selection, segments) || isDeclaredSegment(selection, segments)) return undefined;
  const ofValue = segments.find(({ name, by }) => by !== undefined && selection.startsWith(valueSegment(name, '')));
  return ofValue === undefined
    ? `model "${model}" declares no segment "${selection}": declare it with PUT /v1/models/${model} first`
    : `segment "${ofValue.name}" of model "${model}" lists its values, and this is none of them: add it to \`values\`, or write "${otherSegment(ofValue.name)}"`;
}

function isSplit(selection: string, segments: readonly Segment[]): boolean {
  return segments.some(({ name, by }) => by !== undefined && name === selection);
}
