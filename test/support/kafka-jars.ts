import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const POM = resolve(import.meta.dirname, 'kafka-jars.pom.xml');
const FETCH_TIMEOUT_MS = 300_000;

/** Folder that the jars and the class archive are kept in between runs. `PLUMBLINE_TEST_CACHE` moves it. */
export function kafkaCacheDir(): string {
  const base =
    process.env['PLUMBLINE_TEST_CACHE'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'plumbline');
  return join(base, 'kafka-4.2.1');
}

function jarsDir(): string {
  return join(kafkaCacheDir(), 'jars');
}

export function kafkaJarsAreCached(): boolean {
  return existsSync(jarsDir());
}

/**
 * The class path of a Kafka broker and its tools: fetched by Maven the first time, cached then.
 * @throws Error with Maven's words when it cannot fetch them
 */
export async function kafkaClassPath(): Promise<string> {
  if (!kafkaJarsAreCached()) await fetchJars();
  // Sorted, because a class archive is of use only for the very class path that it was made with.
  return readdirSync(jarsDir())
    .sort()
    .map((jar) => join(jarsDir(), jar))
    .join(':');
}

async function fetchJars(): Promise<void> {
  await mkdir(kafkaCacheDir(), { recursive: true });
  const scratch = await mkdtemp(join(kafkaCacheDir(), 'fetch-'));
  try {
    await cp(POM, join(scratch, 'pom.xml'));
    const args = ['-q', '-B', 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'];
    await run('mvn', [...args, '-DincludeScope=runtime', '-DoutputDirectory=jars'], {
      cwd: scratch,
      timeout: FETCH_TIMEOUT_MS,
    });
    // Whole or not at all: another run that fetched at the same time has put the same jars there.
    await rename(join(scratch, 'jars'), jarsDir()).catch((error: unknown) => {
      if (!kafkaJarsAreCached()) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
