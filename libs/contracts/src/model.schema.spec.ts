import { modelDeclarationSchema, segmentCount } from './model.schema.js';

const faultsOf = (segments: unknown): string[] => {
  const parsed = modelDeclarationSchema.safeParse({ segments });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('segments of a model declaration', () => {
  it('may be slices of values and ranges, and by value', () => {
    const segments = [
      { name: 'young-de', where: { age: { from: 18, to: 30 }, country: 'DE', vip: true, floor: 3 } },
      { name: 'cheap', where: { price: { to: 10 } } },
      { name: 'country', by: 'country' },
      { name: 'tier', by: 'tier', values: ['gold', 'silver'] },
      { name: 'store', by: 'store', limit: 5 },
    ];
    const { segments: parsed } = modelDeclarationSchema.parse({ segments });
    expect(parsed.map(segmentCount)).toEqual([1, 1, 21, 3, 6]);
  });

  it.each<[string, unknown, RegExp]>([
    ['neither a slice nor by value', [{ name: 'a' }], /^segments\.0\.where: must have either/],
    ['both', [{ name: 'a', where: { x: 1 }, by: 'y' }], /^segments\.0\.where: must have either/],
    ['no condition', [{ name: 'a', where: {} }], /^segments\.0\.where: must name at least one/],
    ['an empty range', [{ name: 'a', where: { x: { from: 2, to: 2 } } }], /^segments\.0\.where\.x: .*/],
    ['a limit of a slice', [{ name: 'a', where: { x: 1 }, limit: 3 }], /^segments\.0\.limit: belongs to `by`/],
    ['values of a slice', [{ name: 'a', where: { x: 1 }, values: ['b'] }], /^segments\.0\.values: belongs to `by`/],
    ['a limit beside values', [{ name: 'a', by: 'x', values: ['b'], limit: 3 }], /^segments\.0\.limit: has no meaning/],
    [
      'one name twice',
      [
        { name: 'a', where: { x: 1 } },
        { name: 'a', by: 'y' },
      ],
      /^segments\.1\.name: is declared twice/,
    ],
    [
      'more segments than cells are kept for',
      [
        { name: 'a', by: 'x', limit: 60 },
        { name: 'b', by: 'y', limit: 60 },
      ],
      /^segments: may be 122 segments, more than 100/,
    ],
    ['a name that is one of a value', [{ name: 'a=b', where: { x: 1 } }], /^segments\.0\.name: /],
  ])('are refused with %s', (_, segments, wanted) => {
    expect(faultsOf(segments)[0]).toMatch(wanted);
  });

  it('are refused a range of a feature that is no number', () => {
    const declaration = {
      features: [{ name: 'country', kind: 'categorical' }],
      segments: [{ name: 'a', where: { age: { from: 1 }, country: { from: 1 } } }],
    };
    const { error } = modelDeclarationSchema.safeParse(declaration);
    expect(error!.issues).toMatchObject([
      {
        path: ['segments', 0, 'where', 'country'],
        message: expect.stringMatching(/declared as categorical/) as string,
      },
    ]);
  });
});
