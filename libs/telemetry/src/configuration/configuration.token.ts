/** Injection token of the parsed, frozen configuration. Its type is `Configuration` of the contracts. */
export const CONFIGURATION = Symbol.for('plumbline.configuration');
