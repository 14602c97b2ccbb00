import { labelWireSchema, type ModelDeclaration, predictionWireSchema } from '@plumbline/contracts';
import { demoDocuments } from './demo-model.js';
import { DAY_MS, firstDayMs, LABEL_DELAY_DAYS, worldOfDay } from './demo-plan.js';
import { referenceFile, trafficOfDay, type DayRequest } from './demo-traffic.js';

const NOW_MS = Date.UTC(2026, 5, 15, 13, 45);
const REQUEST: DayRequest = {
  seed: 7,
  day: 9,
  dayStartMs: firstDayMs(NOW_MS),
  count: 300,
  version: '1',
  world: worldOfDay(9),
};

it('gives the same events for the same request', () => {
  expect(trafficOfDay(REQUEST)).toEqual(trafficOfDay(REQUEST));
});

it('gives events in wire form, within their day, labels two days later', () => {
  const { predictions, labels } = trafficOfDay(REQUEST);
  expect([predictions.length, labels.length]).toEqual([300, 300]);
  const times = predictions.map((line) => predictionWireSchema.parse(JSON.parse(line)).timestamp as number);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(REQUEST.dayStartMs);
  expect(Math.max(...times)).toBeLessThan(REQUEST.dayStartMs + DAY_MS);
  labels.forEach((line, index) => {
    expect(labelWireSchema.parse(JSON.parse(line)).timestamp).toBe(times[index]! + LABEL_DELAY_DAYS * DAY_MS);
  });
});

it('ends in the past, at midnight', () => {
  expect(firstDayMs(NOW_MS) % DAY_MS).toBe(0);
  expect(firstDayMs(NOW_MS) + 16 * DAY_MS).toBeLessThanOrEqual(NOW_MS);
});

it('declares the features that its reference has', () => {
  const row = JSON.parse(referenceFile(7, '1', worldOfDay(1), 1).trim()) as Record<string, unknown>;
  const [model] = demoDocuments({
    messages: 'http://a.example',
    mailPort: 25,
    webhook: 'http://b.example',
    retraining: 'http://c.example',
  });
  const { features: declared } = model!.declaration as ModelDeclaration;
  const names = Object.keys(row).filter((name) => !['score', 'prediction', 'repaid'].includes(name));
  expect(declared.map(({ name }) => name).sort()).toEqual(names.sort());
});
