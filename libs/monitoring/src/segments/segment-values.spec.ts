import type { FeatureSchema, FeatureValue, PredictionColumns, Segment } from '@plumbline/contracts';
import { newSegmentValues, segmentValuesOf } from './segment-values.js';

const SCHEMA: FeatureSchema = { schemaId: 1, numberNames: ['store'], textNames: ['city'], booleanNames: [] };

const columnsOf = (features: Readonly<Record<string, readonly FeatureValue[]>>): PredictionColumns => {
  const rows = Object.values(features)[0]!.length;
  return {
    ...{ project: 'p', model: 'm', version: '1', rows },
    predictionIds: Array.from({ length: rows }, (_, i) => `id-${i}`),
    timestampsMs: new Array<number>(rows).fill(0),
    receivedAtMs: new Array<number>(rows).fill(0),
    features: new Map(Object.entries(features)),
  };
};

const learn = (city: readonly FeatureValue[], segment: Partial<Segment>, known: readonly string[] = []) =>
  newSegmentValues(
    columnsOf({ city }),
    SCHEMA,
    [{ name: 'place', by: 'city', ...segment }],
    new Map([['place', new Set(known)]]),
  ).get('place');

describe('newSegmentValues', () => {
  it('gives the first values a segment while there is room', () => {
    expect(learn(['b', 'a', 'b', 'c'], { limit: 2 })).toEqual(['b', 'a']);
    expect(learn(['b', 'a', 'b', 'c'], { limit: 2 }, ['c'])).toEqual(['b']);
    expect(learn(['b'], { limit: 1 }, ['c'])).toBeUndefined();
    expect(
      learn(
        Array.from({ length: 1000 }, (_, i) => `v${i}`),
        {},
      ),
    ).toHaveLength(20);
  });

  it('gives none to what is missing, of the wrong type, empty, too long or cannot be shown', () => {
    expect(learn([null, true, '', 'x'.repeat(101), 'a\nb', '\ud800', '日本', 'x'.repeat(100)], {})).toEqual([
      '日本',
      'x'.repeat(100),
    ]);
  });

  it('learns nothing where the values are declared, or there is a slice', () => {
    expect(learn(['b'], { values: ['a'] })).toBeUndefined();
    const slice = { name: 'ulm', where: { city: 'Ulm' } };
    expect(newSegmentValues(columnsOf({ city: ['Ulm'] }), SCHEMA, [slice], new Map()).size).toBe(0);
  });

  it('takes numbers by their text', () => {
    const segments = [{ name: 'store', by: 'store' }];
    expect(newSegmentValues(columnsOf({ store: [12, 12, '12', 1.5] }), SCHEMA, segments, new Map())).toEqual(
      new Map([['store', ['12', '1.5']]]),
    );
  });
});

describe('segmentValuesOf', () => {
  it('takes the declared values, else the first of the learned ones, up to the limit of now', () => {
    const learned = new Map([
      ['place', ['b', 'a', 'c']],
      ['tier', ['gold']],
    ]);
    const segments: Segment[] = [
      { name: 'place', by: 'city', limit: 2 },
      { name: 'tier', by: 'tier', values: ['silver', 1, true] },
      { name: 'new', by: 'x' },
      { name: 'slice', where: { city: 'a' } },
    ];
    expect(segmentValuesOf(segments, learned)).toEqual(
      new Map([
        ['place', new Set(['b', 'a'])],
        ['tier', new Set(['silver', '1', 'true'])],
        ['new', new Set()],
      ]),
    );
  });
});
