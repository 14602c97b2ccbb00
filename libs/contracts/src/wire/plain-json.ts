const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;

/** Digits of a number that a double holds exactly whatever they are. */
const EXACT_DIGITS = 15;
const MOST_DIGITS = 19;
/** Powers of ten that are doubles. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Veltkamp's constant: splits a double into halves whose products are exact. */
const SPLITTER = 2 ** 27 + 1;
/** Far more than the error of the correction in `quotient`, far less than what decides a rounding. */
const DOUBT = 2 ** -40;

/** Texts up to this length are kept to be found again. */
const KEPT_LENGTH = 64;
const KEPT_TEXTS = 4_096;
const SLOTS = 2 * KEPT_TEXTS;
/** Slots looked at for a text: whoever makes texts that all have one hash gets no more of them kept. */
const MOST_PROBES = 8;

/**
 * Reads JSON that is plain: texts of printable ASCII without escapes, and nothing damaged. What is not plain is `undefined`, and has to
 * be read by JSON.parse, which also says what is wrong with it.
 *
 * It reads numbers out of the bytes, and gives the same text the same string again: most of the cost of JSON.parse on predictions is
 * the garbage of strings and objects that it makes.
 */
export class PlainJson {
  private bytes: Uint8Array = new Uint8Array(0);
  private source: Buffer = Buffer.alloc(0);
  private end = 0;
  private readonly texts: string[] = [];
  /** Position in `texts` plus one, by hash; 0: nothing. */
  private readonly slots = new Uint16Array(SLOTS);
  /** Of the byte that is read next. */
  at = 0;
  /** The last number that `number` read. */
  value = 0;
  /** The last text that `text` read. */
  string = '';
  /** The last that `takeLiteral` took. */
  literal: boolean | null = null;

  start(bytes: Buffer): void {
    this.bytes = bytes;
    this.source = bytes;
    this.at = 0;
    this.end = bytes.length;
  }

  /** The next byte that is no blank, without taking it; -1 at the end. */
  peek(): number {
    const { bytes, end } = this;
    let { at } = this;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte > 0x20) break;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.at = at;
        return -1;
      }
      at++;
    }
    this.at = at;
    return at < end ? bytes[at]! : -1;
  }

  /** Whether nothing but blanks is left. */
  get isAtEnd(): boolean {
    return this.peek() === -1 && this.at === this.end;
  }

  /** Takes the byte if it is the next that is no blank. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.at++;
    return true;
  }

  /** Takes a text in quotes if it is the next, and just this one. */
  takeText(text: Uint8Array): boolean {
    const { bytes, at } = this;
    const { length } = text;
    if (bytes[at] !== QUOTE || bytes[at + length + 1] !== QUOTE) return false;
    // From its end: names of features mostly begin alike.
    for (let i = length - 1; i >= 0; i--) if (bytes[at + 1 + i] !== text[i]) return false;
    this.at = at + length + 2;
    return true;
  }

  /** Reads a text into `string`; its quote is the next byte. */
  text(): boolean {
    const { bytes, end } = this;
    const from = this.at + 1;
    let hash = 0;
    let at = from;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH || byte < 0x20 || byte > 0x7e) return false;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (at >= end) return false;
    this.at = at + 1;
    this.string = at - from <= KEPT_LENGTH ? this.kept(from, at, hash) : this.source.toString('latin1', from, at);
    return true;
  }

  /** Reads a number into `value`; its first byte is the next. */
  number(): boolean {
    const { bytes, end } = this;
    const from = this.at;
    let at = from;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const first = at;
    let head = 0;
    let tail = 0;
    let digits = 0;
    let byte = at < end ? bytes[at]! : 0;
    while (byte >= ZERO && byte <= NINE) {
      if (digits < EXACT_DIGITS) head = head * 10 + (byte - ZERO);
      else tail = tail * 10 + (byte - ZERO);
      digits++;
      byte = ++at < end ? bytes[at]! : 0;
    }
    if (at === first || (bytes[first] === ZERO && at - first > 1)) return false;
    let decimals = 0;
    if (byte === DOT) {
      byte = ++at < end ? bytes[at]! : 0;
      const point = at;
      // Zeros in front count as no digits: they change nothing.
      if (head === 0) digits = 0;
      while (byte >= ZERO && byte <= NINE) {
        if (digits < EXACT_DIGITS) head = head * 10 + (byte - ZERO);
        else tail = tail * 10 + (byte - ZERO);
        if (digits > 0 || byte !== ZERO) digits++;
        byte = ++at < end ? bytes[at]! : 0;
      }
      decimals = at - point;
      if (decimals === 0) return false;
    }
    if (byte === 0x65 || byte === 0x45) return this.scientific(from, at + 1);
    this.at = at;
    if (digits > MOST_DIGITS || decimals > 22) {
      this.value = Number(this.source.toString('latin1', from, at));
      return true;
    }
    const magnitude =
      digits <= EXACT_DIGITS
        ? decimals === 0
          ? head
          : head / POWERS_OF_TEN[decimals]!
        : quotient(head, digits - EXACT_DIGITS, tail, decimals);
    if (Number.isNaN(magnitude)) this.value = Number(this.source.toString('latin1', from, at));
    else this.value = negative ? -magnitude : magnitude;
    return true;
  }

  /** Reads true, false or null into `literal`, if one of them is the next. */
  takeLiteral(): boolean {
    const { bytes, at } = this;
    const first = bytes[at];
    if (first === LOWER_N && this.matches('null')) this.literal = null;
    else if (first === LOWER_T && this.matches('true')) this.literal = true;
    else if (first === LOWER_F && this.matches('false')) this.literal = false;
    else return false;
    return true;
  }

  /**
   * Reads any value of at most `depth` objects and arrays in one another; undefined when it is not plain.
   * Names that assigning to an object would not simply set are not plain either.
   */
  any(depth: number): unknown {
    const byte = this.peek();
    if (byte === QUOTE) return this.text() ? this.string : undefined;
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.number() ? this.value : undefined;
    if (byte === BRACE_OPEN) return depth > 0 ? this.object(depth) : undefined;
    if (byte === BRACKET_OPEN) return depth > 0 ? this.list(depth) : undefined;
    return this.takeLiteral() ? this.literal : undefined;
  }

  private object(depth: number): Record<string, unknown> | undefined {
    const object: Record<string, unknown> = {};
    this.at++;
    if (this.take(BRACE_CLOSE)) return object;
    for (;;) {
      if (this.peek() !== QUOTE || !this.text()) return undefined;
      const name = this.string;
      if (name === '__proto__' || !this.take(COLON)) return undefined;
      const value = this.any(depth - 1);
      if (value === undefined) return undefined;
      object[name] = value;
      if (this.take(COMMA)) continue;
      return this.take(BRACE_CLOSE) ? object : undefined;
    }
  }

  private list(depth: number): unknown[] | undefined {
    this.at++;
    if (this.take(BRACKET_CLOSE)) return [];
    const numbers: number[] = [];
    for (;;) {
      const byte = this.peek();
      if (byte !== MINUS && !(byte >= ZERO && byte <= NINE)) break;
      if (!this.number()) return undefined;
      numbers.push(this.value);
      if (this.take(COMMA)) continue;
      return this.take(BRACKET_CLOSE) ? numbers : undefined;
    }
    const values: unknown[] = numbers;
    for (;;) {
      const value = this.any(depth - 1);
      if (value === undefined) return undefined;
      values.push(value);
      if (this.take(COMMA)) continue;
      return this.take(BRACKET_CLOSE) ? values : undefined;
    }
  }

  private scientific(from: number, exponent: number): boolean {
    const { bytes, end } = this;
    let at = exponent;
    if (bytes[at] === MINUS || bytes[at] === 0x2b) at++;
    const first = at;
    while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
    if (at === first) return false;
    this.at = at;
    this.value = Number(this.source.toString('latin1', from, at));
    return true;
  }

  private matches(word: string): boolean {
    for (let i = 1; i < word.length; i++) if (this.bytes[this.at + i] !== word.charCodeAt(i)) return false;
    this.at += word.length;
    return this.at <= this.end;
  }

  private kept(from: number, to: number, hash: number): string {
    const { bytes, slots, texts } = this;
    const length = to - from;
    let slot = (Math.imul(hash, 0x9e3779b1) >>> 8) % SLOTS;
    let isFree = false;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const position = slots[slot]!;
      isFree = position === 0;
      if (isFree) break;
      const text = texts[position - 1]!;
      if (text.length === length) {
        let i = 0;
        while (i < length && text.charCodeAt(i) === bytes[from + i]) i++;
        if (i === length) return text;
      }
      slot = slot + 1 === SLOTS ? 0 : slot + 1;
    }
    const text = this.source.toString('latin1', from, to);
    if (isFree && texts.length < KEPT_TEXTS) slots[slot] = texts.push(text);
    return text;
  }
}

/**
 * The double nearest to (head · 10^shift + tail) / 10^decimals, or NaN when it takes more than this to tell which is nearest.
 * @param head below 10^15 @param shift at most 4 @param tail below 10^shift @param decimals at most 22
 */
function quotient(head: number, shift: number, tail: number, decimals: number): number {
  const power = POWERS_OF_TEN[shift]!;
  // The numerator as a sum of two doubles, exactly (Dekker).
  const product = head * power;
  const low = productError(head, power, product) + tail;
  const high = product + low;
  const rest = low - (high - product);
  const divisor = POWERS_OF_TEN[decimals]!;
  const first = high / divisor;
  const back = first * divisor;
  const correction = (high - back - productError(first, divisor, back) + rest) / divisor;
  const result = first + correction;
  const isSure = result === first + correction * (1 + DOUBT) && result === first + correction * (1 - DOUBT);
  return isSure ? result : NaN;
}

/** What a · b has beyond the rounded product. */
function productError(a: number, b: number, product: number): number {
  const aWide = a * SPLITTER;
  const aHigh = aWide - (aWide - a);
  const aLow = a - aHigh;
  const bWide = b * SPLITTER;
  const bHigh = bWide - (bWide - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
