import type { MonitorDeclaration } from '@plumbline/contracts';

/** What a monitor says about when its alerts fire and resolve. */
export type AlertPolicy = Pick<MonitorDeclaration, 'for' | 'keep_firing_for' | 'exit_ratio' | 'no_data' | 'error'>;
