import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../support/cli.js';
import { StandaloneServer } from '../support/standalone-server.js';

const DAY_MS = 86_400_000;
const FILE = `
kind: model
name: loans
task: binary
features:
  - { name: income, kind: numeric, importance: 0.5 }
segments:
  - { name: germany, where: { country: DE } }
---
kind: receiver
name: log
channel: console
---
kind: receiver
name: chat
channel: webhook
url: https://hooks.example.com/plumbline
secret: { env: PLUMBLINE_SECRET_CHAT }
---
kind: route
name: night
matchers: ['model="loans"', 'severity=critical']
receivers: [log]
mute:
  - { from: '22:00', to: '06:00', time_zone: Europe/Berlin }
---
kind: monitor
model: loans
name: income-drift
detector: feature_drift
features: [income]
segment: germany
thresholds:
  ks: { warning: 0.1 }
---
kind: monitor
model: loans
name: feature-drift
detector: feature_drift
enabled: false
---
kind: retraining_policy
model: loans
name: weekly
schedule: { every: 1w }
target: { url: 'https://pipeline.example/run', parameters: { rows: 100 } }
---
kind: silence
name: moving
matchers: ['model="loans"']
starts_at: '${new Date(Date.now() + DAY_MS).toISOString()}'
ends_at: '${new Date(Date.now() + 2 * DAY_MS).toISOString()}'
comment: the warehouse moves
`;
const DOCUMENTS = 8;

interface Applied {
  readonly kind: string;
  readonly name: string;
  readonly outcome: string;
}

/** Configuration as files, as an engineer uses it who keeps them under version control. @embedded-only */
describe('configuration files', () => {
  let folder: string;
  let server: StandaloneServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-configuration-'));
    server = await StandaloneServer.start({ dataDir: join(folder, 'data') });
  }, 180_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(folder, { recursive: true, force: true });
  });

  const plumbline = (...args: string[]) => runCli(server.url, ...args);
  const write = async (text: string, name = 'loans.yaml'): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };
  const outcomes = (stdout: string): string[] => (JSON.parse(stdout) as Applied[]).map(({ outcome }) => outcome);

  it('plans what it would create, and creates nothing by that', async () => {
    const file = await write(FILE);
    const { code, stdout, stderr } = await plumbline('plan', '-f', file);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('+ create monitor "income-drift" of model "loans"');
    expect(stdout).toContain(`${DOCUMENTS} to change, 0 unchanged`);
    expect((await plumbline('plan', '-f', file, '--fail-on-changes')).code).toBe(5);
    expect((await plumbline('model', 'get', 'loans')).code).toBe(1);
  });

  it('applies, and applying again changes nothing', async () => {
    const file = await write(FILE);
    const first = await plumbline('apply', '-f', file, '--json');
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(outcomes(first.stdout)).toEqual(Array(DOCUMENTS).fill('created'));
    const second = await plumbline('apply', '-f', file, '--json');
    expect(outcomes(second.stdout)).toEqual(Array(DOCUMENTS).fill('unchanged'));
    expect((await plumbline('plan', '-f', file, '--fail-on-changes')).code).toBe(0);
  });

  it('plans and applies a change field by field, a field taken away included', async () => {
    const changed = FILE.replace('ks: { warning: 0.1 }', 'ks: { warning: 0.2, critical: 0.3 }').replace(
      'segment: germany\n',
      '',
    );
    const file = await write(changed);
    const { stdout } = await plumbline('plan', '-f', file);
    expect(stdout).toContain(
      [
        '~ update monitor "income-drift" of model "loans"',
        '    segment: "germany" → nothing',
        '    thresholds.ks.critical: nothing → 0.3',
        '    thresholds.ks.warning: 0.1 → 0.2',
        `1 to change, ${DOCUMENTS - 1} unchanged`,
      ].join('\n'),
    );
    const applied = await plumbline('apply', '-f', file);
    expect(applied.stdout).toContain('monitor "income-drift" of model "loans": updated');
    expect((await plumbline('plan', '-f', file)).stdout).toContain('nothing to change');
  });

  it('exports what applies again without a change, as YAML and as JSON', async () => {
    const { stdout: yaml } = await plumbline('export');
    expect(yaml).toContain('kind: silence');
    expect(yaml).not.toContain('send_resolved');
    const { stdout: json } = await plumbline('export', '--json');
    for (const file of [await write(yaml, 'export.yaml'), await write(json, 'export.json')]) {
      const { stdout } = await plumbline('plan', '-f', file);
      expect(stdout.trim()).toBe(`nothing to change, ${DOCUMENTS} unchanged`);
    }
    const { stdout: model } = await plumbline('export', '--model', 'loans', '--json');
    expect((JSON.parse(model) as Applied[]).map(({ kind }) => kind)).toEqual([
      'model',
      'monitor',
      'monitor',
      'retraining_policy',
    ]);
  });

  it('prunes what the files declare no more, and nothing of other models', async () => {
    await plumbline(
      'apply',
      '-f',
      await write('kind: model\nname: other\n---\nkind: monitor\nmodel: other\nname: own\ndetector: traffic\n'),
    );
    const kept = FILE.split('---').filter((text) => !/name: (income-drift|weekly|chat|moving)\n/.test(text));
    const file = await write(kept.join('---'));
    const { stdout } = await plumbline('plan', '-f', file, '--prune');
    expect(stdout.split('\n').filter((line) => line.startsWith('-'))).toEqual([
      '- delete retraining policy "weekly" of model "loans"',
      '- delete monitor "income-drift" of model "loans"',
      '- delete receiver "chat"',
    ]);
    expect((await plumbline('apply', '-f', file, '--prune')).code).toBe(0);
    const { stdout: left } = await plumbline('export', '--json');
    expect((JSON.parse(left) as Applied[]).map(({ name }) => name).sort()).toEqual(
      ['feature-drift', 'loans', 'log', 'moving', 'night', 'other', 'own'].sort(),
    );
  });

  it('refuses files with faults before it sends anything', async () => {
    const file = await write(`${FILE}---\nkind: model\nname: never\ntask: guess\n`);
    const { code, stdout, stderr } = await plumbline('apply', '-f', file);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/loans\.yaml:\d+: task: Invalid option: expected one of "binary"/);
    expect((await plumbline('model', 'get', 'never')).code).toBe(1);
  });

  it('passes on what only the server can know', async () => {
    const file = await write('kind: monitor\nmodel: nobody\nname: m\ndetector: traffic\n');
    const { code, stderr } = await plumbline('apply', '-f', file);
    expect(code).toBe(1);
    expect(stderr).toContain('nobody');
  });
});
