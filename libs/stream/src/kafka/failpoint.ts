import { channel } from 'node:diagnostics_channel';

const failpoints = channel('plumbline:failpoint');

/** Names a moment at which a test may end the process. Costs a look at a list when nobody listens. */
export function failpoint(name: string): void {
  if (failpoints.hasSubscribers) failpoints.publish(name);
}
