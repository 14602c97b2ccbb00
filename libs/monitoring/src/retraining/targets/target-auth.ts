import type { RetrainingTarget, TargetAuth } from '@plumbline/contracts';

/** Returns how calls to a target authenticate themselves, beside what stands in their body. */
export function targetAuth(target: RetrainingTarget): TargetAuth {
  switch (target.preset) {
    case 'github_dispatch':
    case 'github_workflow':
      return { type: 'bearer', token: target.token };
    case 'gitlab':
      return { type: 'none' };
    case 'sagemaker': {
      const { region, access_key_id, secret_access_key, session_token } = target;
      return { type: 'sigv4', region, access_key_id, secret_access_key, session_token };
    }
    default:
      return target.auth;
  }
}
