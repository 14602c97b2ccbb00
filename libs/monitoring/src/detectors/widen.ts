import type { PlacedMeasurement } from './raw-measurement.js';

/** Whether a wider window could help: something that decides has too little data. */
export function needsWidening(measurements: readonly PlacedMeasurement[]): boolean {
  return measurements.some(isWanting);
}

/** Returns the measurements with those that have too little data replaced by what the wider window gave for the same series. */
export function takeWider(
  kept: readonly PlacedMeasurement[],
  wider: readonly PlacedMeasurement[],
): PlacedMeasurement[] {
  const byKey = new Map(wider.map((measurement) => [key(measurement), measurement]));
  return kept.map((measurement) =>
    isWanting(measurement) ? (byKey.get(key(measurement)) ?? measurement) : measurement,
  );
}

function isWanting({ state, threshold }: PlacedMeasurement): boolean {
  return state === 'insufficient' && threshold !== undefined;
}

function key({ version, segment, feature, method }: PlacedMeasurement): string {
  return JSON.stringify([version, segment, feature, method]);
}
