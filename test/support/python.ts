import { execFileSync } from 'node:child_process';

/** Whether there is a python3 that can make virtual environments, as Debian's cannot without python3-venv. */
export function hasPythonWithVenv(): boolean {
  try {
    execFileSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
