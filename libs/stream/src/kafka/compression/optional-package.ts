import { StreamSetupError } from '../../stream-error.js';

/** A package that is not there. kafkajs tries again for ever unless an error says `retriable: false`, in its own word. */
class MissingPackageError extends StreamSetupError {
  readonly retriable = false;
}

/**
 * The exports of a package that need not be installed.
 * @throws StreamSetupError that names the package to install
 */
export async function optionalPackage<T extends object>(packageName: string, load: () => Promise<T>): Promise<T> {
  let module: T;
  try {
    module = await load();
  } catch (cause) {
    throw new MissingPackageError(
      `record batches in Kafka are compressed in a way that needs the package ${packageName}: run "npm install ${packageName}", or let producers use gzip`,
      { cause },
    );
  }
  // A CommonJS package: its exports are named ones only as far as Node finds them in its source.
  return (module as { default?: T }).default ?? module;
}
