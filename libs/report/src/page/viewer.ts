import { createContext } from 'preact';

/** For whom a page is made. */
export interface Viewer {
  /** IANA name of the time zone that times are shown in. */
  readonly zone: string;
  /** What "3 hours ago" counts from, in milliseconds since 1970. */
  readonly nowMs: number;
}

/** Tells every part of a page who looks at it; `renderDocument` provides it. */
export const ViewerContext = createContext<Viewer>({ zone: 'UTC', nowMs: 0 });
