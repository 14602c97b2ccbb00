import { featureKinds, POSITIVE_CLASS, REFERENCE_ROWS, type Traffic, trafficModels } from './traffic.js';

/** As late as data can make a window wait: short, so that a run sees many windows evaluated again. */
export const SETTLE = '1s';

const declaration = (name: string, segment: string | undefined) => ({
  name,
  body: {
    task: 'binary',
    positive_class: POSITIVE_CLASS,
    features: Object.entries(featureKinds).map(([feature, kind]) => ({ name: feature, kind })),
    segments: segment === undefined ? [] : [{ name: segment, where: { country: 'DE' } }],
    windows: { every: '1h', settle: SETTLE },
    default_monitors: false,
  },
});

/** Monitors that judge each window by itself: one that is widened would depend on when it was evaluated. */
const monitors = {
  drift: { detector: 'feature_drift', widen: [] },
  answers: { detector: 'prediction_drift', widen: [] },
  quality: { detector: 'data_quality', widen: [] },
  accuracy: { detector: 'performance', widen: [], min_labels: 20 },
  traffic: { detector: 'traffic' },
};

const withoutReference = { accuracy: monitors.accuracy, traffic: monitors.traffic };

/** Declares models, monitors, references, the receiver and the retraining policies, as a person would: over the API. */
export async function declare(url: string, traffic: Traffic, receiverUrl: string): Promise<void> {
  const put = (path: string, body: object): Promise<void> =>
    request(url, 'PUT', path, 'application/json', JSON.stringify(body));
  for (const { name, segment, watched } of trafficModels) {
    const { body } = declaration(name, segment);
    await put(`/v1/models/${name}`, body);
    for (const [monitor, monitorBody] of Object.entries(watched ? monitors : withoutReference)) {
      await put(`/v1/models/${name}/monitors/${monitor}`, monitorBody);
    }
    if (!watched) continue;
    const rows = Array.from({ length: REFERENCE_ROWS }, (_, index) => JSON.stringify(traffic.referenceRow(index)));
    const mapping = encodeURIComponent(JSON.stringify({ prediction: 'answer', score: 'score', label: 'truth' }));
    const path = `/v1/models/${name}/versions/1/reference?mapping=${mapping}`;
    await request(url, 'POST', path, 'application/x-ndjson', rows.join('\n'));
    await put(`/v1/models/${name}/retraining-policies/drifted`, {
      when: { alerts: { monitors: ['drift', 'accuracy'] } },
      cool_down: '1s',
      target: { url: `${receiverUrl}/retrain` },
    });
  }
  await put('/v1/receivers/team', { channel: 'webhook', url: `${receiverUrl}/notify` });
  // As many messages as there can be: nothing waits for a group to fill.
  await put('/v1/routes/all', { receivers: ['team'], group_wait: '0s', group_interval: '0s' });
}

async function request(url: string, method: string, path: string, type: string, body: string): Promise<void> {
  const response = await fetch(`${url}${path}`, { method, headers: { 'content-type': type }, body });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
