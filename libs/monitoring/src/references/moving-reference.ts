import { type MovingReferenceDeclaration, parseDuration } from '@plumbline/contracts';
import type { Window } from '../windows/window.js';

export type MovingReferenceKind = MovingReferenceDeclaration['kind'];

/** A reference that is read from cells: what one version predicted in some periods, counted in the bins of a stored reference. */
export interface MovingReference {
  readonly kind: MovingReferenceKind;
  readonly version: string;
  /** "" for all events. */
  readonly segment: string;
  /** Newest first; they do not overlap. */
  readonly periods: readonly Window[];
  /** The stored reference whose bins are counted in. */
  readonly binsId: string;
}

/**
 * Returns the periods that a window is compared with, newest first. None of them shares an instant with the data of the window, except
 * a fixed one that the window lies in, and those of another version.
 * @param data of the window: all of it where it was widened
 * @param lastWindowEndMs of another version: where the last window ends in which it made predictions
 */
export function periodsOf(
  declaration: MovingReferenceDeclaration,
  data: Window,
  lastWindowEndMs: number = data.endMs,
): Window[] {
  const lengthMs = data.endMs - data.startMs;
  const before = (endMs: number, durationMs: number): Window => ({ startMs: endMs - durationMs, endMs });
  switch (declaration.kind) {
    case 'fixed':
      return [{ startMs: Date.parse(declaration.from), endMs: Date.parse(declaration.to) }];
    case 'rolling': {
      const gapMs = declaration.gap === undefined ? 0 : parseDuration(declaration.gap);
      return [before(data.startMs - gapMs, parseDuration(declaration.length))];
    }
    case 'previous':
      return [before(data.startMs, lengthMs)];
    case 'seasonal': {
      // A widened window may be longer than the season: then it goes back by as many seasons as it takes.
      const seasonMs = parseDuration(declaration.period);
      const stepMs = Math.ceil(lengthMs / seasonMs) * seasonMs;
      return Array.from({ length: declaration.count }, (_, k) => before(data.endMs - (k + 1) * stepMs, lengthMs));
    }
    case 'version': {
      const ownMs = declaration.length === undefined ? 0 : parseDuration(declaration.length);
      return [before(lastWindowEndMs, Math.max(lengthMs, ownMs))];
    }
  }
}

const SEPARATOR = ':';
const MINUTE_MS = 60_000;

/**
 * Returns the id of a moving reference, which tells all about it and may stand in a URL: kind, version, periods as
 * `20260101T0000Z-20260102T0000Z` with "+" in between, id of the stored reference that gives the bins, and the segment if there is one.
 */
export function movingReferenceId({ kind, version, segment, periods, binsId }: MovingReference): string {
  const spans = periods.map(({ startMs, endMs }) => `${minuteText(startMs)}-${minuteText(endMs)}`);
  const parts = [kind, version, spans.join('+'), binsId];
  return [...parts, ...(segment === '' ? [] : [encodeURIComponent(segment)])].join(SEPARATOR);
}

const KINDS: readonly string[] = [
  'fixed',
  'rolling',
  'previous',
  'seasonal',
  'version',
] satisfies readonly MovingReferenceKind[];
const SPAN = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z$/;

/** Returns what an id stands for; undefined when it is not one of a moving reference. */
export function parseMovingReferenceId(id: string): MovingReference | undefined {
  const [kind, version, spans, binsId, segment, ...rest] = id.split(SEPARATOR);
  if (kind === undefined || !KINDS.includes(kind) || !version || !spans || !binsId || rest.length > 0) return undefined;
  const periods: Window[] = [];
  for (const span of spans.split('+')) {
    const parts = SPAN.exec(span)?.slice(1).map(Number);
    if (parts === undefined) return undefined;
    const [year, month, day, hour, minute, toYear, toMonth, toDay, toHour, toMinute] = parts as [
      ...[number, number, number, number, number],
      ...[number, number, number, number, number],
    ];
    const startMs = Date.UTC(year, month - 1, day, hour, minute);
    const endMs = Date.UTC(toYear, toMonth - 1, toDay, toHour, toMinute);
    if (!(endMs > startMs)) return undefined;
    periods.push({ startMs, endMs });
  }
  const name = segment === undefined ? '' : decode(segment);
  // One of the kinds: that was checked above, and the compiler does not follow.
  return name === undefined
    ? undefined
    : { kind: kind as MovingReferenceKind, version, segment: name, periods, binsId };
}

/**
 * Returns the declaration by which a window was once compared with a moving reference, as far as its id tells: what was declared since
 * does not matter. A version's length is that of its period.
 * @param dataStartMs of the window then
 */
export function declarationOf(
  { kind, version, periods }: MovingReference,
  dataStartMs: number,
): MovingReferenceDeclaration {
  const newest = periods[0]!;
  const length = minutes(newest.endMs - newest.startMs);
  switch (kind) {
    case 'fixed':
      return { kind, from: new Date(newest.startMs).toISOString(), to: new Date(newest.endMs).toISOString() };
    case 'rolling': {
      const gapMs = dataStartMs - newest.endMs;
      return { kind, length, ...(gapMs > 0 ? { gap: minutes(gapMs) } : {}) };
    }
    case 'previous':
      return { kind };
    case 'seasonal':
      return { kind, period: minutes(dataStartMs - newest.startMs), count: periods.length };
    case 'version':
      return { kind, version, length };
  }
}

function minutes(durationMs: number): string {
  return `${Math.round(durationMs / MINUTE_MS)}m`;
}

function minuteText(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 16).replace(/[-:]/g, '')}Z`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
