/** Returns "before → after" with as many digits as it takes to tell them apart, three at least. */
export function shift(before: number, after: number, unit = ''): string {
  for (let digits = 3; digits < 8; digits += 1) {
    const [left, right] = [shortNumber(before, digits), shortNumber(after, digits)];
    if (left !== right || digits === 7) return `${left}${unit} → ${right}${unit}`;
  }
  return '';
}

/** Returns "before → after" of two shares in per cent. */
export function shiftOfShares(before: number, after: number): string {
  return `${shortPercent(before)} → ${shortPercent(after)}`;
}

/** Returns a number with some significant digits, whole where it has more before the point, thousands apart. */
export function shortNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  const rounded = magnitude >= 10 ** digits ? Math.round(magnitude) : Number(magnitude.toPrecision(digits));
  const text = rounded >= 1e15 || (rounded !== 0 && rounded < 1e-4) ? rounded.toExponential() : String(rounded);
  const [whole = '', fraction] = text.split('.');
  const grouped = /^\d+$/.test(whole) ? whole.replace(/\B(?=(?:\d{3})+$)/g, ',') : whole;
  return `${value < 0 ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Returns a share in per cent with two digits, or three where 99.6 % would look like all. */
export function shortPercent(share: number): string {
  const percent = share * 100;
  if (Math.abs(percent) >= 99.5 || Math.abs(percent) < 10)
    return `${shortNumber(percent, Math.abs(percent) >= 99.5 ? 4 : 2)} %`;
  return `${shortNumber(Math.round(percent))} %`;
}
