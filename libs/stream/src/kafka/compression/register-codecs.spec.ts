import zlib from 'node:zlib';
import { StreamSetupError } from '../../stream-error.js';

type RegisterCodecs = typeof import('./register-codecs.js');

/** Not in the types of Jest: importing `name` runs the factory instead. */
interface ModuleMocks {
  unstable_mockModule(name: string, factory: () => unknown): void;
}
const modules = import.meta.jest as ImportMeta['jest'] & ModuleMocks;

/** Codecs as on a machine where these packages are not installed. */
async function codecsWithout(...packages: readonly string[]): Promise<RegisterCodecs> {
  modules.resetModules();
  for (const name of packages) {
    modules.unstable_mockModule(name, () => {
      throw new Error(`Cannot find package '${name}'`);
    });
  }
  return import('./register-codecs.js');
}

describe('chooseCompression', () => {
  const zstd = '@toondepauw/node-zstd';
  /** Node has zstd of its own from 22.15 on. */
  const withoutPackage = 'zstdCompress' in zlib ? 'zstd' : 'none';

  it('writes zstd when nothing else is asked for and it is there', async () => {
    const { chooseCompression } = await codecsWithout();
    expect(await chooseCompression(undefined)).toBe('zstd');
    expect(await chooseCompression('none')).toBe('none');
    expect(await chooseCompression('gzip')).toBe('gzip');
  });

  it('writes plain records when zstd is not there and nobody has asked for it', async () => {
    const { chooseCompression } = await codecsWithout(zstd);
    expect(await chooseCompression(undefined)).toBe(withoutPackage);
  });

  it.each([
    ['snappy', 'snappy'],
    ['lz4', 'lz4-napi'],
  ] as const)('names the package that %s needs when it is asked for', async (compression, name) => {
    const { chooseCompression } = await codecsWithout(name);
    const error: unknown = await chooseCompression(compression).catch((reason: unknown) => reason);
    // Of a module that was loaded anew, so its classes are other ones.
    expect((error as Error).name).toBe(new StreamSetupError('').name);
    expect((error as Error).message).toContain(`npm install ${name}`);
  });
});
