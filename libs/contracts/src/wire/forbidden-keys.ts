/** Keys that become something else than data when an object is copied carelessly. No body may hold them. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
