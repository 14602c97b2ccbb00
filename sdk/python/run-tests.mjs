// Runs the tests of the Python SDK in a virtual environment of their own, kept in .cache; makes it when it is missing or the list below changed.
// Everything but python3 is fetched by pip. Where there is no python3 it says so and ends well: the rest of the project needs none.
// Ends with the line "N passed, N failed", as the checks of .ci/run do. Arguments go to pytest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the tests, not of the SDK. Without a version: the newest that runs on the Python that is there. */
const PACKAGES = ['pytest', 'mypy', 'pandas', 'fastapi', 'uvicorn', 'httpx', 'gunicorn', 'mlflow-skinny'];

const sdk = import.meta.dirname;
const folder = join(sdk, '../../.cache/python-sdk');
const python = join(folder, 'bin/python');
const stamp = join(folder, 'packages.txt');

function run(command, args, options = {}) {
  return spawnSync(command, args, { stdio: 'inherit', ...options });
}

function end(passed, failed, skipped) {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed === 0 ? 0 : 1);
}

const version = spawnSync('python3', ['-c', 'import sys, venv; print(*sys.version_info[:2])'], { encoding: 'utf8' });
if (version.error) {
  console.log('skipped: tests of the Python SDK, because there is no python3');
  end(0, 0, 1);
}
const wanted = `${version.stdout.trim()} ${PACKAGES.join(' ')}`;
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const steps = [
    ['python3', ['-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES]],
    [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--editable', sdk]],
  ];
  for (const [command, args] of steps) {
    if (run(command, args).status !== 0) {
      console.log(`${command} ${args.join(' ')} failed: on Debian, is python3-venv installed?`);
      end(0, 1, 0);
    }
  }
  writeFileSync(stamp, wanted);
}

const types = run(python, ['-m', 'mypy'], { cwd: sdk }).status === 0;
const tests = spawnSync(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', ...process.argv.slice(2)], {
  cwd: sdk,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.stdout.write(tests.stdout);
const count = (word) =>
  Number(new RegExp(`(\\d+) ${word}`).exec(tests.stdout.trim().split('\n').at(-1) ?? '')?.[1] ?? 0);
const failed = count('failed') + count('errors?') + (types ? 0 : 1);
// One that ends otherwise, as by an import that fails, has said nothing of failures.
end(count('passed') + (types ? 1 : 0), failed === 0 && tests.status !== 0 ? 1 : failed, count('skipped'));
