import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseDocuments, readDocuments } from './read-documents.js';

const GOOD = `
kind: model
name: loans
task: binary
features:
  - { name: income, kind: numeric, importance: 0.5 }
---
kind: monitor
model: loans
name: drift
detector: feature_drift
thresholds:
  ks: { warning: 0.1 }
---
kind: retraining_policy
model: loans
name: weekly
target: { url: 'https://pipeline.example/run' }
---
kind: receiver
name: log
channel: console
---
kind: route
name: night
receivers: [log]
---
kind: silence
name: moving
matchers: ['model="loans"']
starts_at: '2026-01-01T00:00:00Z'
ends_at: '2026-01-02T00:00:00Z'
comment: the warehouse moves
`;

const parse = (text: string) => parseDocuments(text, 'loans.yaml');

it('reads all that a file declares, defaults filled in', () => {
  const { documents, faults } = parse(GOOD);
  expect(faults).toEqual([]);
  expect(documents.map(({ kind, model, name, place }) => [kind, model, name, place])).toEqual([
    ['model', undefined, 'loans', 'loans.yaml:2'],
    ['monitor', 'loans', 'drift', 'loans.yaml:8'],
    ['retraining_policy', 'loans', 'weekly', 'loans.yaml:15'],
    ['receiver', undefined, 'log', 'loans.yaml:20'],
    ['route', undefined, 'night', 'loans.yaml:24'],
    ['silence', undefined, 'moving', 'loans.yaml:28'],
  ]);
  expect(documents[0]!.declaration).toMatchObject({ task: 'binary', windows: { every: '1d' }, default_monitors: true });
  expect(documents[1]!.declaration).toMatchObject({ detector: 'feature_drift', keep_firing_for: 1 });
});

it('reads JSON: one document, or an array of them', () => {
  const log = { kind: 'receiver', name: 'log', channel: 'console' };
  expect(parse(JSON.stringify(log, null, 2)).documents).toHaveLength(1);
  const { documents, faults } = parse(JSON.stringify([log, { ...log, name: 'a b' }], null, 2));
  expect(documents).toHaveLength(1);
  expect(faults).toEqual([expect.stringMatching(/^loans\.yaml:9: name: must be 1 to 128 letters/)]);
});

it.each<[string, string, string, string]>([
  ['a wrong choice', 'kind: numeric', 'kind: number', 'loans.yaml:6: features.0.kind: Invalid option'],
  ['a field misspelt', 'task: binary', 'tasks: binary', 'loans.yaml:4: tasks: is no field here; did you mean "task"?'],
  [
    'a field misspelt below',
    'importance: 0.5',
    'importances: 0.5',
    'loans.yaml:6: features.0.importances: is no field here; did you mean "importance"?',
  ],
  [
    'a field that nothing resembles',
    'importance: 0.5',
    'colour: red',
    'loans.yaml:6: features.0.colour: is no field here; there are importance, kind, name',
  ],
  [
    'a field of another channel',
    'channel: console',
    'channel: console\nurl: x',
    'loans.yaml:23: url: is no field here',
  ],
  ['an unknown kind', 'kind: route', 'kind: rout', 'loans.yaml:24: kind: must be one of model, receiver, route'],
  [
    'an unknown channel',
    'channel: console',
    'channel: pager',
    'loans.yaml:22: channel: must be one of console, webhook,',
  ],
  ['an unknown detector', 'feature_drift', 'drift', 'loans.yaml:11: detector: must be one of feature_drift,'],
  ['no channel', 'channel: console', '', 'loans.yaml:20: channel: must be one of console, webhook,'],
  ['no name', 'name: drift\n', '', 'loans.yaml:8: name: is missing: what the monitor is called'],
  [
    'no model',
    'model: loans\nname: drift',
    'name: drift',
    'loans.yaml:8: model: is missing: the model that it belongs to',
  ],
  [
    'a model where none belongs',
    'name: night',
    'name: night\nmodel: loans',
    'loans.yaml:26: model: a route belongs to no model',
  ],
  ['a name with a blank', 'name: drift', 'name: "a b"', 'loans.yaml:10: name: must be 1 to 128 letters'],
  ['no target', "target: { url: 'https://pipeline.example/run' }", '', 'loans.yaml:15: target: is missing'],
  [
    'a matcher that is none',
    'model="loans"',
    'colour="red"',
    'loans.yaml:30: matchers.0: must be a label (project, model,',
  ],
  ['no YAML', 'name: night', 'name: [', 'loans.yaml:26: no YAML: '],
  ['a list of texts', GOOD, '- a', 'loans.yaml:1: must be a map with a kind (model, receiver,'],
])('names file, line, field and remedy: %s', (_, part, wrong, message) => {
  expect(GOOD).toContain(part);
  const { faults } = parse(GOOD.replace(part, wrong));
  expect(faults.join('\n')).toContain(message);
});

it('names every fault at once', () => {
  const { faults } = parse(GOOD.replace('task: binary', 'tasks: binary').replace('channel: console', 'channel: x'));
  expect(faults).toHaveLength(2);
});

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-files-'));
    await writeFile(join(folder, 'b.yaml'), GOOD);
    await writeFile(join(folder, 'a.json'), '{"kind":"receiver","name":"log","channel":"console"}');
    await writeFile(join(folder, 'notes.txt'), 'nothing');
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));
  const read = async (paths: string[], input = '') => readDocuments(paths, Readable.from([input]));

  it('come in the order given, a folder for the files in it', async () => {
    const documents = await read([join(folder, 'b.yaml')]);
    expect(documents).toHaveLength(6);
    expect(await read(['-'], GOOD)).toHaveLength(6);
    expect((await read(['-'], GOOD))[0]!.place).toBe('(standard input):2');
  });

  it('declare nothing twice', async () => {
    const first = `${join(folder, 'a.json')}:1`;
    await expect(read([folder])).rejects.toThrow(`b.yaml:20: name: receiver "log" is declared at ${first} already`);
  });

  it.each([
    ['a file that is not there', () => join(folder, 'none.yaml'), 'cannot read'],
    ['an empty text', () => '-', 'nothing is declared there'],
  ])('are refused: %s', async (_, path, message) => {
    await expect(read([path()])).rejects.toThrow(message);
  });
});
