import { detectors } from './registry.js';
import { modelDeclarationSchema, type Model, type Monitor, monitorDeclarationSchema } from '@plumbline/contracts';
import { monitorsOf } from './monitors-of.js';

const modelOf = (declaration: object = {}): Model => ({
  project: 'p',
  model: 'm',
  declaration: modelDeclarationSchema.parse(declaration),
  origin: 'inferred',
  updatedAtMs: 0,
  updatedBy: '',
});
const declared = (monitor: string, declaration: object) => ({
  project: 'p',
  model: 'm',
  monitor,
  declaration: monitorDeclarationSchema.parse(declaration),
  origin: 'declared' as const,
});

describe('monitorsOf', () => {
  it('gives a model one default monitor per detector', () => {
    const monitors = monitorsOf(modelOf(), []);
    const named = ({ monitor, declaration }: Monitor): boolean => monitor === declaration.detector.replaceAll('_', '-');
    expect(monitors.every(named)).toBe(true);
    expect(monitors.map(({ declaration }) => declaration.detector).sort()).toEqual(Object.keys(detectors).sort());
    expect(monitors.every(({ origin }) => origin === 'default')).toBe(true);
  });

  it('replaces a default monitor by a declared one of its name, and adds the others', () => {
    const own = [declared('traffic', { detector: 'traffic', for: 3 }), declared('mine', { detector: 'performance' })];
    const monitors = monitorsOf(modelOf(), own);
    expect(monitors).toHaveLength(Object.keys(detectors).length + 1);
    expect(monitors.find(({ monitor }) => monitor === 'traffic')).toEqual(own[0]);
  });

  it.each([
    ['a model may decline the default ones', { default_monitors: false }, [], []],
    [
      'a disabled monitor is not in force',
      { default_monitors: false },
      [declared('off', { detector: 'traffic', enabled: false })],
      [],
    ],
  ])('%s', (_, declaration, own, expected) => {
    expect(monitorsOf(modelOf(declaration), own)).toEqual(expected);
  });
});
