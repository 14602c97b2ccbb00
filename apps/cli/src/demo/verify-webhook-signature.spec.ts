import { Webhook } from 'standardwebhooks';
import { verifyWebhookSignature, type SignedRequest } from './verify-webhook-signature.js';

const SECRET = `whsec_${Buffer.from('a key of at least 24 bytes').toString('base64')}`;
const NOW_MS = Date.UTC(2026, 0, 2);
const body = '{"type":"retraining.requested"}';
const timestamp = String(NOW_MS / 1000);
const signed: SignedRequest = {
  id: 'msg_1',
  timestamp,
  signature: new Webhook(SECRET).sign('msg_1', new Date(NOW_MS), body),
  body,
};

it.each<[string, SignedRequest, boolean]>([
  ['signed by the standardwebhooks package', signed, true],
  ['one of several signatures fits', { ...signed, signature: `v1,AAAA ${signed.signature!}` }, true],
  ['another body', { ...signed, body: '{}' }, false],
  ['another id', { ...signed, id: 'msg_2' }, false],
  ['another time', { ...signed, timestamp: String(NOW_MS / 1000 + 1) }, false],
  ['no signature', { ...signed, signature: undefined }, false],
  ['an unknown scheme', { ...signed, signature: signed.signature!.replace('v1,', 'v2,') }, false],
])('%s', (_, request, expected) => {
  expect(verifyWebhookSignature(request, SECRET, NOW_MS)).toBe(expected);
});

it('refuses a call from ten minutes ago', () => {
  expect(verifyWebhookSignature(signed, SECRET, NOW_MS + 600_000)).toBe(false);
});
