import { StreamSetupError } from '../../stream-error.js';
import { optionalPackage } from './optional-package.js';

describe('optionalPackage', () => {
  it('names the package to install when it is missing, in a way that kafkajs does not try again', async () => {
    const name: string = 'a-codec-that-nobody-has';
    const error: unknown = await optionalPackage(name, () => import(name) as Promise<object>).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StreamSetupError);
    expect(error).toMatchObject({ retriable: false });
    expect((error as Error).message).toContain('npm install a-codec-that-nobody-has');
  });

  it('gives the exports of one that is there, however it exports them', async () => {
    const { compressSync } = await optionalPackage('snappy', () => import('snappy'));
    expect(compressSync('plumbline').length).toBeGreaterThan(0);
    expect(await optionalPackage('named', async () => ({ named: 1 }))).toEqual({ named: 1 });
  });
});
