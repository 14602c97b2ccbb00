/** Returns a number for people: four significant digits, thousands apart, "–" for what is not defined. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e15)) {
    return value.toExponential(2).replaceAll('-', '−').replace('e+', 'e');
  }
  const rounded = Number.isInteger(value) ? magnitude : Number(magnitude.toPrecision(4));
  return `${value < 0 ? '−' : ''}${withThousands(rounded)}`;
}

/** Returns a share of 0 to 1 in per cent, with two significant digits below ten: "0.31 %", "31 %". */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return formatNumber(share);
  const percent = Math.abs(share * 100);
  const sign = share < 0 ? '−' : '';
  if (percent !== 0 && percent < 0.01) return `${sign}< 0.01 %`;
  // 99.6 % is not yet all.
  const digits = percent < 10 ? Number(percent.toPrecision(2)) : Number(percent.toFixed(1));
  const rounded = percent < 10 || (percent > 99 && percent < 100) ? digits : Math.round(percent);
  return `${sign}${withThousands(rounded)} %`;
}

/** Returns a probability as it stands after "p": "= 0.012", "< 0.0001". */
export function formatPValue(pValue: number): string {
  return pValue < 1e-4 ? '< 0.0001' : `= ${Number(pValue.toPrecision(2))}`;
}

function withThousands(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
