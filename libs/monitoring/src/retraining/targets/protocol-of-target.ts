import type { RetrainingTarget } from '@plumbline/contracts';
import { airflow2Protocol, airflow3Protocol } from './airflow.js';
import { argoEventsProtocol } from './argo-events.js';
import { argoWorkflowsProtocol } from './argo-workflows.js';
import { dagsterProtocol } from './dagster.js';
import { databricksProtocol } from './databricks.js';
import { githubDispatchProtocol, githubWorkflowProtocol } from './github.js';
import { gitlabProtocol } from './gitlab.js';
import { jenkinsProtocol } from './jenkins.js';
import { kubeflowProtocol } from './kubeflow.js';
import { prefect3Protocol } from './prefect.js';
import { sagemakerProtocol } from './sagemaker.js';
import type { TargetProtocol } from './target-protocol.js';
import { webhookProtocol } from './webhook.js';

/** Returns how a declared target is spoken to. */
export function protocolOfTarget(target: RetrainingTarget): TargetProtocol {
  switch (target.preset) {
    case 'webhook':
      return webhookProtocol(target);
    case 'airflow2':
      return airflow2Protocol(target);
    case 'airflow3':
      return airflow3Protocol(target);
    case 'kubeflow':
      return kubeflowProtocol(target);
    case 'github_dispatch':
      return githubDispatchProtocol(target);
    case 'github_workflow':
      return githubWorkflowProtocol(target);
    case 'gitlab':
      return gitlabProtocol(target);
    case 'jenkins':
      return jenkinsProtocol(target);
    case 'prefect3':
      return prefect3Protocol(target);
    case 'dagster':
      return dagsterProtocol(target);
    case 'argo_events':
      return argoEventsProtocol(target);
    case 'argo_workflows':
      return argoWorkflowsProtocol(target);
    case 'databricks':
      return databricksProtocol(target);
    case 'sagemaker':
      return sagemakerProtocol(target);
  }
}

/**
 * Whether a call to the target can be made again without starting a second run: it keeps the key, or can be asked first. Where it
 * cannot, a call whose outcome is not known ends the run.
 */
export function isRepeatable(target: RetrainingTarget): boolean {
  return protocolOfTarget(target).repeatable;
}
