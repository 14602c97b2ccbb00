/**
 * Loaded into a process of the service before it starts (`node --import`): ends or freezes it exactly at a named point.
 * CONSERVATION_FAILPOINT is `kill:<times>:<point>` or `freeze:<times>:<point>`, where `times` counts the passes.
 */
import { subscribe } from 'node:diagnostics_channel';

const [, action, times, point] = /^(kill|freeze):(\d+):(.+)$/.exec(process.env.CONSERVATION_FAILPOINT ?? '') ?? [];
let passes = 0;
if (action !== undefined) {
  subscribe('plumbline:failpoint', (name) => {
    if (name !== point || ++passes !== Number(times)) return;
    // A signal to oneself is delivered before the call returns: not one more statement of the service runs.
    process.kill(process.pid, action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  });
}
