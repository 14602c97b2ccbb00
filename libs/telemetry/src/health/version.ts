/** Injection token of the version that runs, a string. */
export const VERSION = Symbol('version');
