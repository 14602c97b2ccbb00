import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelDeclarationSchema } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { saveModel } from '../tables/model.js';
import { ReadRefusedError, type SelectOnlyEngine } from './select-only-engine.js';

const limits = {
  executionMs: 2_000,
  memoryBytes: 500_000_000,
  rowsRead: 100_000_000,
  resultRows: 1_000,
  resultBytes: 10_000_000,
  concurrency: 2,
  waiting: 2,
};

/** @embedded-only: a ClickHouse server has users and an HTTP interface of its own. */
describe('SelectOnlyEngine', () => {
  let dataDir: string;
  let store: Store;
  let engine: SelectOnlyEngine;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-reader-'));
    store = await Store.open({ dataDir, database: 'plumbline', readers: true });
    await migrate(store, Date.now());
    for (const project of ['ours', 'theirs']) {
      const declaration = modelDeclarationSchema.parse({});
      const model = `model of ${project}`;
      await saveModel(store, {
        project,
        model,
        declaration,
        origin: 'declared',
        updatedAtMs: 1_000,
        updatedBy: 'test',
      });
    }
    engine = await store.openReader(limits);
  });
  afterAll(async () => {
    await engine.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function read(sql: string, project?: string, parameters: Record<string, string> = {}): Promise<string> {
    const result = await engine.run({
      sql,
      project,
      parameters: new Map(Object.entries(parameters)),
      formatting: new Map(),
      format: 'TabSeparated',
    });
    return result.toString();
  }

  it('reads what clients, dashboards and people ask for', async () => {
    expect(await read('SELECT model FROM model FINAL ORDER BY model')).toBe('model of ours\nmodel of theirs\n');
    expect(await read('SELECT 1 AS x, {n:UInt8} + 1 -- a comment\n', undefined, { n: '4' })).toBe('1\t5\n');
    expect(await read("SELECT countIf(model LIKE '%ours') FROM plumbline.model FORMAT CSV")).toBe('1\n');
    expect(await read('WITH x AS (SELECT number FROM numbers(3)) SELECT sum(number) FROM x')).toBe('3\n');
    expect(await read('SHOW TABLES')).toContain('measurement\n');
    expect(await read('DESCRIBE TABLE model')).toMatch(/^project\tLowCardinality\(String\)/);
    expect(await read("SELECT count() > 5 FROM system.columns WHERE table = 'model'")).toBe('1\n');
    expect(await read('SELECT quantilesIf(0.5, 0.9)(toFloat64(number), number > 1) FROM numbers(10)')).toBe(
      '[5.5,8.3]\n',
    );
    expect(await read("SELECT toStartOfInterval(toDateTime('2026-01-01 00:10:00', 'UTC'), INTERVAL 3600 second)")).toBe(
      '2026-01-01 00:00:00\n',
    );
  });

  it('shows one project to whoever has the key of one', async () => {
    for (const sql of [
      'SELECT model FROM model',
      'SELECT m.model FROM plumbline.model AS m FINAL',
      'SELECT model FROM (SELECT * FROM model)',
      'SELECT model FROM view(SELECT * FROM model)',
      'WITH x AS (SELECT * FROM model) SELECT model FROM x',
      'SELECT b.model FROM model AS a RIGHT JOIN model AS b ON a.model = b.model',
      'SELECT model FROM model WHERE 1 OR 1 UNION ALL SELECT model FROM model WHERE 0',
      'SELECT DISTINCT model FROM model WHERE model IN (SELECT model FROM model)',
      'SELECT (SELECT max(model) FROM model)',
      'SELECT model FROM {t:Identifier}',
    ]) {
      expect([sql, await read(sql, 'ours', { t: 'model' })]).toEqual([sql, 'model of ours\n']);
    }
    expect(await read('SELECT count() FROM model', 'ours')).toBe('1\n');
    expect(await read('SELECT count() FROM model', "nobody' OR project = 'theirs")).toBe('0\n');
    expect(await read('SELECT count() FROM model', 'nobody\\')).toBe('0\n');
    await expect(read('SELECT number_names FROM feature_schema', 'ours')).resolves.toBe('');
    await expect(read('SELECT number_names FROM plumbline.feature_schema', 'ours')).rejects.toThrow('not for readers');
  });

  const path = join(tmpdir(), 'plumbline-hostile.txt');
  it.each([
    // Writing, and statements that are no questions.
    'INSERT INTO model (project) VALUES (1)',
    'DROP TABLE model',
    'CREATE TEMPORARY TABLE x (a Int8)',
    'ALTER TABLE model DELETE WHERE 1',
    'TRUNCATE TABLE model',
    'OPTIMIZE TABLE model',
    'SYSTEM SHUTDOWN',
    'KILL QUERY WHERE 1',
    'SET ROLE plumbline_owner',
    'SET readonly = 0',
    'USE system',
    "BACKUP TABLE model TO Disk('default', 'x')",
    'EXPLAIN SELECT 1',
    'SHOW CREATE TABLE receiver',
    'EXISTS TABLE receiver',
    'CHECK TABLE model',
    'GRANT ALL ON *.* TO default',
    'EXECUTE AS default SELECT 1',
    // More than one statement.
    'SELECT 1; SET ROLE plumbline_owner; SELECT * FROM receiver',
    'SELECT 1; DROP TABLE model',
    'SELECT 1 /* ; */ ; DROP TABLE model',
    'SELECT 1) ; DROP TABLE model; (SELECT 1',
    // Files that the client side of the engine writes or reads.
    `SELECT 1 INTO OUTFILE '${path}'`,
    `(SELECT 1) INTO OUTFILE '${path}' FORMAT CSV`,
    `SELECT 1 UNION ALL SELECT 2 INTO OUTFILE '${path}'`,
    `SHOW TABLES INTO OUTFILE '${path}'`,
    `DESCRIBE TABLE model INTO OUTFILE '${path}'`,
    `INSERT INTO FUNCTION file('${path}') SELECT 1`,
    // Settings inside.
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT * FROM (SELECT * FROM model SETTINGS additional_table_filters = {})',
    'SELECT model FROM model SETTINGS max_execution_time = 0',
    // Table functions that leave the tables, or go around the filter.
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "DESCRIBE TABLE file('/etc/passwd')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1', 'system.one')",
    "SELECT * FROM cluster('default', 'plumbline.model')",
    "SELECT * FROM s3('http://127.0.0.1:1/b/k', 'LineAsString')",
    "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "SELECT * FROM sqlite('/tmp/x', 'y')",
    "SELECT * FROM executable('x.sh', TSV, 'a Int8')",
    "SELECT * FROM filesystem('/etc')",
    "SELECT * FROM merge('plumbline', '.*')",
    "SELECT * FROM mergeTreeIndex('plumbline', 'model')",
    'SELECT * FROM loop(plumbline.model)',
    "SELECT * FROM dictionary('x')",
    "SELECT * FROM input('a Int8')",
    "SELECT * FROM (SELECT * FROM view(SELECT * FROM file('/etc/passwd', 'LineAsString')))",
    "SELECT (SELECT count() FROM file('/etc/passwd', 'LineAsString'))",
    "SELECT 1 WHERE 1 IN (SELECT count() FROM file('/etc/passwd', 'LineAsString'))",
    'SELECT * FROM (EXPLAIN SELECT 1)',
    // Functions that read files, call out, write to the log or hold a thread.
    "SELECT file('/etc/passwd')",
    "SELECT FILE('/etc/passwd')",
    "SELECT `file`('/etc/passwd')",
    "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
    "SELECT * REPLACE (file('/etc/passwd') AS model) FROM model",
    "SELECT COLUMNS('model') APPLY (file) FROM model",
    "SELECT * APPLY (x -> file('/etc/passwd')) FROM model",
    "SELECT 1 ORDER BY file('/etc/passwd')",
    "SELECT sum(1) OVER (PARTITION BY file('/etc/passwd'))",
    "WITH file('/etc/passwd') AS x SELECT x",
    "SELECT 1 LIMIT length(file('/etc/passwd'))",
    "SELECT model FROM model PREWHERE file('/etc/passwd') != ''",
    "SELECT a FROM model ARRAY JOIN [file('/etc/passwd')] AS a",
    "SELECT joinGet('x', 'y', 1)",
    "SELECT dictGet('x', 'y', 1)",
    "SELECT catboostEvaluate('/tmp/x', 1)",
    "SELECT logTrace('x')",
    'SELECT sleep(1)',
    "SELECT aiGenerate('x', 'y')",
    "SELECT chdb('SELECT 1')",
    "SELECT getSetting('readonly')",
    "SELECT getServerSetting('path')",
    "SELECT serverUUID(), getMacro('x')",
    "SELECT generateSerialID('x')",
    'SELECT regionToName(1)',
    // Tables that are no reader's business.
    'SELECT * FROM receiver',
    'SELECT * FROM plumbline.receiver',
    'SELECT * FROM link_key',
    'SELECT * FROM retraining_policy',
    'SELECT 1 WHERE 1 IN plumbline.receiver',
    'SELECT 1 WHERE 1 IN receiver',
    'SELECT * FROM system.processes',
    'SELECT * FROM system.server_settings',
    'SELECT * FROM system.users',
    'SELECT * FROM system.parts',
    'SELECT * FROM `system`.`processes`',
    'SELECT * FROM information_schema.tables',
    'DESCRIBE TABLE receiver',
    'DESCRIBE TABLE system.processes',
    'SELECT * FROM default.x',
    // Names that look like syntax.
    'SELECT 1 AS `a\n Set`',
    'SELECT * FROM `system.one (alias x)`',
    'SELECT * FROM `numbers (alias x)`(1)',
    'SELECT',
    '',
    'SELECT \u0000 1',
  ])('refuses %j', async (sql) => {
    for (const project of [undefined, 'ours']) {
      await expect(read(sql, project)).rejects.toThrow(ReadRefusedError);
    }
    expect(existsSync(path)).toBe(false);
    expect(await read('SELECT count() FROM model')).toBe('2\n');
  });

  it.each([
    ['SELECT model FROM {t:Identifier}', { t: 'receiver' }],
    ['SELECT * FROM {t:Identifier}', { t: 'system.processes' }],
    ['SELECT {x:String}', { 'x = 1, readonly': '0' }],
  ])('refuses %j with parameters %j', async (sql, parameters) => {
    await expect(read(sql, undefined, parameters as Record<string, string>)).rejects.toThrow(ReadRefusedError);
  });

  it('takes what looks like a statement in a parameter or a text as the text it is', async () => {
    expect(await read('SELECT {x:String}', undefined, { x: "'; DROP TABLE model; --" })).toBe(
      "\\'; DROP TABLE model; --\n",
    );
    expect(await read("SELECT 'SETTINGS file(1) INTO OUTFILE ; \\' '")).toBe("SETTINGS file(1) INTO OUTFILE ; \\' \n");
  });

  it('stops what takes too long, too much memory, too many rows or too large a result', async () => {
    await expect(
      read('SELECT count() FROM numbers(1e8) WHERE sipHash64(number) % 7 = 3 AND SHA256(toString(number)) = 1::String'),
    ).rejects.toThrow(/Code: (158|159|307|396|241)/);
    await expect(read('SELECT count() FROM numbers(1000000000)')).rejects.toThrow(ReadRefusedError);
    await expect(read('SELECT number FROM numbers(2000)')).rejects.toThrow(/396/);
    await expect(read('SELECT length(groupArray(number)) FROM numbers(90000000)')).rejects.toThrow(ReadRefusedError);
    expect(await read('SELECT 1')).toBe('1\n');
  });

  it('lets few work and some wait, and refuses more with a remedy', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, () => read('SELECT count() FROM numbers(10000000)')),
    );
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(refused).toHaveLength(8);
    expect(refused[0]).toContain('ask again in a moment');
  });

  it('leaves the sessions of the store as they are', async () => {
    await read('SELECT 1');
    const declaration = modelDeclarationSchema.parse({});
    await saveModel(store, {
      project: 'later',
      model: 'm',
      declaration,
      origin: 'declared',
      updatedAtMs: 1,
      updatedBy: 'x',
    });
    expect(await read("SELECT count() FROM model WHERE project = 'later'")).toBe('1\n');
  });
});
