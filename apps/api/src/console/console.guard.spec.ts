import { request as httpRequest } from 'node:http';
import { saveModel } from '@plumbline/storage';
import { modelDeclarationSchema } from '@plumbline/contracts';
import { ConsoleServer, KEYS } from '../../../../test/support/console-server.js';

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends a request as it is written here: `fetch` would not let another Host pass. */
async function send(
  url: string,
  method: string,
  path: string,
  { form, ...headers }: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      new URL(path, url),
      {
        method,
        headers: {
          accept: 'text/html',
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.once('error', reject);
    request.end(form);
  });
}

const cookieOf = ({ headers }: Reply): string => String(headers['set-cookie']?.[0]).split(';')[0]!;
const tokenIn = ({ text }: Reply): string => /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? 'none';

/** Signs in and returns the cookie. */
async function signIn(url: string, key: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const reply = await send(url, 'POST', '/sign-in', {
    origin: url,
    form: new URLSearchParams({ key }).toString(),
    ...headers,
  });
  expect(reply.status).toBe(303);
  return cookieOf(reply);
}

describe('the console of a server with API keys', () => {
  let server: ConsoleServer;
  let url: string;

  beforeAll(async () => {
    server = await ConsoleServer.open();
    url = server.url;
    await saveModel(server.store, {
      project: 'p',
      model: '<script>alert(1)</script>',
      declaration: modelDeclarationSchema.parse({}),
      origin: 'declared',
      updatedAtMs: Date.now(),
      updatedBy: 'test',
    });
  });
  afterAll(() => server.close());

  it('leads who has not signed in to the sign-in, and back to what they asked for', async () => {
    const asked = await send(url, 'GET', '/?state=critical&q=a');
    expect(asked.status).toBe(303);
    const { location } = asked.headers;
    expect(location).toBe('/sign-in?next=%2F%3Fstate%3Dcritical%26q%3Da');
    const page = await send(url, 'GET', String(location));
    expect(page.text).toContain('name="next" value="/?state=critical&amp;q=a"');
    const form = new URLSearchParams({ key: KEYS.read, next: '/?state=critical&q=a' }).toString();
    const done = await send(url, 'POST', '/sign-in', { origin: url, form });
    expect([done.status, done.headers.location]).toEqual([303, '/?state=critical&q=a']);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '/sign-out',
  ])('leads nobody to %j after the sign-in', async (next) => {
    const form = new URLSearchParams({ key: KEYS.read, next }).toString();
    const done = await send(url, 'POST', '/sign-in', { origin: url, form });
    expect([done.status, done.headers.location]).toEqual([303, '/']);
    const page = await send(url, 'GET', `/sign-in?next=${encodeURIComponent(next)}`);
    expect(page.text).toContain('name="next" value="/"');
  });

  it('keeps the session in a cookie that no script and no other site gets, and that holds no key', async () => {
    const form = new URLSearchParams({ key: KEYS.admin }).toString();
    const reply = await send(url, 'POST', '/sign-in', { origin: url, form });
    expect(reply.headers['set-cookie']).toEqual([
      expect.stringMatching(/^plumbline-session=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/),
    ]);
    expect(decodeURIComponent(cookieOf(reply))).not.toContain(KEYS.admin);
    const behindProxy = await send(url, 'POST', '/sign-in', { origin: url, form, 'x-forwarded-proto': 'https' });
    expect(behindProxy.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-plumbline-session=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
      ),
    ]);
  });

  it('takes behind https no cookie that anybody but this host over https may have set', async () => {
    const cookie = await signIn(url, KEYS.admin);
    expect((await send(url, 'GET', '/', { cookie })).status).toBe(200);
    expect((await send(url, 'GET', '/', { cookie, 'x-forwarded-proto': 'https' })).status).toBe(303);
  });

  it('gives each sign-in a session of its own, whatever the browser brings along', async () => {
    const planted = 'plumbline-session=planted.9999999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const first = await signIn(url, KEYS.admin, { cookie: planted });
    expect(await signIn(url, KEYS.admin, { cookie: first })).not.toBe(first);
    expect((await send(url, 'GET', '/', { cookie: planted })).status).toBe(303);
  });

  it.each([
    ['wrong', 'wrong-key-0123456789', 'knows no such key'],
    ['empty', '', 'knows no such key'],
  ])('gives a key that is %s a page that says so, and no cookie', async (_, key, words) => {
    const reply = await send(url, 'POST', '/sign-in', { origin: url, form: new URLSearchParams({ key }).toString() });
    expect(reply.status).toBe(403);
    expect(reply.text).toContain(words);
    expect(reply.headers['set-cookie']).toBeUndefined();
    if (key !== '') expect(reply.text).not.toContain(key);
  });

  it('takes no session in place of a key under /v1', async () => {
    const cookie = await signIn(url, KEYS.admin);
    expect((await send(url, 'GET', '/v1/models', { cookie })).status).toBe(401);
    const token = cookie.slice(cookie.indexOf('=') + 1);
    expect((await send(url, 'GET', '/v1/models', { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await send(url, 'POST', `/v1/retraining-runs/x/status?token=${token}`, { form: '' })).status).toBe(401);
  });

  it('ends a session at the sign-out', async () => {
    const cookie = await signIn(url, KEYS.read);
    const csrf = tokenIn(await send(url, 'GET', '/', { cookie }));
    const form = new URLSearchParams({ csrf }).toString();
    const reply = await send(url, 'POST', '/sign-out', { cookie, origin: url, form });
    expect([reply.status, reply.headers.location]).toEqual([303, '/sign-in']);
    expect(reply.headers['set-cookie']).toEqual([expect.stringContaining('plumbline-session=; Path=/; Max-Age=0')]);
  });

  it('shows a person who may only read no way to change anything, and refuses the change', async () => {
    const cookie = await signIn(url, KEYS.read);
    const page = await send(url, 'GET', '/alerts', { cookie });
    expect([...page.text.matchAll(/<form method="post" action="([^"]+)"/g)].map(([, action]) => action)).toEqual([
      '/sign-out',
    ]);
    const form = new URLSearchParams({ csrf: tokenIn(page) }).toString();
    const reply = await send(url, 'POST', '/alerts/some/acknowledge', { cookie, origin: url, form });
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('lacks the scope &quot;admin&quot;');
  });

  describe('a form', () => {
    let cookie: string;
    let csrf: string;
    beforeAll(async () => {
      cookie = await signIn(url, KEYS.admin);
      csrf = tokenIn(await send(url, 'GET', '/', { cookie }));
    });
    const post = async (headers: Readonly<Record<string, string>>, fields: Readonly<Record<string, string>>) =>
      send(url, 'POST', '/alerts/none/acknowledge', {
        form: new URLSearchParams({ author: 'me', note: '', ...fields }).toString(),
        ...headers,
      });

    it('is taken from a page of this server: then it is the alert that is not there', async () => {
      expect((await post({ cookie, origin: url }, { csrf })).status).toBe(404);
      expect((await post({ cookie, 'sec-fetch-site': 'same-origin', origin: 'null' }, { csrf })).status).toBe(404);
    });

    it.each([
      ['of another site', { origin: 'https://evil.example' }],
      ['of another port', { origin: 'http://127.0.0.1:1' }],
      ['of nobody', {}],
      ['of a sandboxed frame', { origin: 'null' }],
      ['that the browser calls foreign', { 'sec-fetch-site': 'cross-site' }],
      ['of another host of the site', { 'sec-fetch-site': 'same-site' }],
    ])('is refused from a page %s', async (_, headers) => {
      const reply = await post({ cookie, ...headers }, { csrf });
      expect(reply.status).toBe(403);
      expect(reply.text).toContain('did not come from a page of this server');
    });

    it.each([
      ['without token', async () => ({})],
      ['with an empty token', async () => ({ csrf: '' })],
      ['with a wrong token', async () => ({ csrf: `${csrf.slice(0, -1)}${csrf.endsWith('A') ? 'B' : 'A'}` })],
      [
        'with the token of another session',
        async () => ({ csrf: tokenIn(await send(url, 'GET', '/', { cookie: await signIn(url, KEYS.admin) })) }),
      ],
    ])('is refused %s', async (_, fields) => {
      const reply = await post({ cookie, origin: url }, await fields());
      expect(reply.status).toBe(403);
      expect(reply.text).toContain('was not made for this session');
    });

    it('leads to the sign-in when the session is over', async () => {
      const reply = await post({ origin: url, referer: `${url}/alerts/none?x=1` }, { csrf });
      expect([reply.status, reply.headers.location]).toEqual([303, '/sign-in?next=%2Falerts%2Fnone%3Fx%3D1']);
    });

    it('is refused as anything but a form, and when it is too large', async () => {
      const json = await send(url, 'POST', '/alerts/none/acknowledge', {
        cookie,
        origin: url,
        'content-type': 'application/json',
        form: '{}',
      });
      expect(json.status).toBe(415);
      expect((await post({ cookie, origin: url }, { csrf, note: 'x'.repeat(70_000) })).status).toBe(413);
    });

    it('is refused at the sign-in from another site: nobody is signed in with somebody else’s key', async () => {
      const form = new URLSearchParams({ key: KEYS.admin }).toString();
      const reply = await send(url, 'POST', '/sign-in', { origin: 'https://evil.example', form });
      expect(reply.status).toBe(403);
      expect(reply.headers['set-cookie']).toBeUndefined();
    });
  });

  it('sends the same headers with every page: the first, errors, the sign-in, what is not there', async () => {
    const cookie = await signIn(url, KEYS.admin);
    const pages = [
      await send(url, 'GET', '/', { cookie }),
      await send(url, 'GET', '/alerts', { cookie }),
      await send(url, 'GET', '/models/none', { cookie }),
      await send(url, 'GET', '/nowhere', { cookie }),
      await send(url, 'GET', '/sign-in'),
      await send(url, 'POST', '/sign-in', { origin: url, form: 'key=wrong' }),
      await send(url, 'POST', '/sign-in', { origin: 'https://evil.example', form: 'key=wrong' }),
    ];
    for (const { headers, text } of pages) {
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        'cache-control': 'no-store',
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
      });
      expect(text).toMatch(/^<!doctype html>/);
      // No script but the one with an address of ours, no handler in an attribute.
      expect(text.match(/<script(?! src="\/assets\/console\.)/g)).toBeNull();
      expect(text).not.toMatch(/\son\w+="/);
    }
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 404, 404, 200, 403, 403]);
  });

  it('answers programs with problems, not with pages', async () => {
    const reply = await send(url, 'GET', '/', { accept: '*/*' });
    expect(reply.status).toBe(401);
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect((await send(url, 'GET', '/v1/nothing')).headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('shows a name as it is, whatever it would be as HTML', async () => {
    const cookie = await signIn(url, KEYS.admin);
    const page = await send(url, 'GET', `/?q=${encodeURIComponent('"><img src=x onerror=alert(1)>')}`, { cookie });
    expect(page.text).toContain('value="&quot;>&lt;img src=x onerror=alert(1)>"');
    const fleet = await send(url, 'GET', '/', { cookie });
    expect(fleet.text).toContain(
      '<a href="/models/%3Cscript%3Ealert(1)%3C%2Fscript%3E">&lt;script>alert(1)&lt;/script></a>',
    );
  });

  it('lets the browser come once more by itself where a link of another site led here: then it shows its session', async () => {
    const asked = await send(url, 'GET', '/alerts?status=open', { 'sec-fetch-site': 'cross-site' });
    expect(asked.status).toBe(200);
    expect(asked.text).toContain('http-equiv="refresh" content="0; url=/alerts?status=open"');
    expect((await send(url, 'GET', '/alerts', { 'sec-fetch-site': 'same-origin' })).status).toBe(303);
  });

  it('tells what was done once', async () => {
    const cookie = await signIn(url, KEYS.admin);
    const notice = `plumbline-notice=ok.${Buffer.from('<b>Done</b>').toString('base64url')}`;
    const page = await send(url, 'GET', '/', { cookie: `${cookie}; ${notice}` });
    expect(page.text).toContain('&lt;b>Done&lt;/b>');
    expect(page.headers['set-cookie']).toEqual([expect.stringContaining('plumbline-notice=; Path=/; Max-Age=0')]);
  });

  it('shows times in the zone that the browser told, and in UTC where it told nonsense', async () => {
    const cookie = await signIn(url, KEYS.admin);
    const zoneOf = async (zone: string): Promise<string | undefined> =>
      /data-zone="([^"]*)"/.exec(
        (await send(url, 'GET', '/', { cookie: `${cookie}; plumbline-zone=${zone}` })).text,
      )?.[1];
    expect(await zoneOf('America/New_York')).toBe('America/New_York');
    expect(await zoneOf('"><script>')).toBe('UTC');
    expect(await zoneOf('Mars/Olympus')).toBe('UTC');
  });

  it('serves style sheet and script to be kept for ever, under the address of their content', async () => {
    const { text } = await send(url, 'GET', '/sign-in');
    const paths = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(paths).toHaveLength(2);
    for (const path of paths) {
      const reply = await send(url, 'GET', path);
      expect(reply.status).toBe(200);
      expect(reply.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(reply.headers['content-type']).toMatch(/^text\/(css|javascript); charset=utf-8$/);
    }
    expect((await send(url, 'GET', '/assets/console.0.js')).status).toBe(404);
  });
});

describe('the console of a server without API keys', () => {
  let server: ConsoleServer;
  let url: string;
  beforeAll(async () => {
    server = await ConsoleServer.open({ apiKeys: [], alerting: { externalUrl: 'https://plumbline.example' } });
    url = server.url;
  });
  afterAll(() => server.close());

  it('asks nobody to sign in, and tells forms of its pages from others all the same', async () => {
    const page = await send(url, 'GET', '/alerts');
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('Sign out');
    const cookie = cookieOf(page);
    expect((await send(url, 'GET', '/sign-in?next=/alerts')).headers.location).toBe('/alerts');
    const post = async (form: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> =>
      send(url, 'POST', '/alerts/none/acknowledge', { cookie, origin: url, form, ...headers });
    expect((await post('note=')).status).toBe(403);
    expect((await post('note=', { cookie: '' })).text).toContain('older than the server');
    expect((await post('note=', { origin: 'http://127.0.0.1:3000' })).status).toBe(403);
  });

  it.each([
    ['a name on the internet', 'rebound.example', 421],
    ['a name on the internet with our port', 'rebound.example:8080', 421],
    ['a name that ends like ours', 'localhost.rebound.example', 421],
    ['localhost', 'localhost:8080', 200],
    ['an IPv6 address', '[::1]:8080', 200],
    ['a name without a dot', 'build-7', 200],
    ['a name under .internal', 'host.docker.internal:8080', 200],
    ['the public address', 'plumbline.example', 200],
  ])('is reached under %s: %s gives %i', async (_, host, status) => {
    expect((await send(url, 'GET', '/', { host })).status).toBe(status);
    expect((await send(url, 'GET', '/v1/models', { host })).status).toBe(status);
    expect((await send(url, 'GET', '/healthz', { host })).status).toBe(200);
  });
});

describe('a console that is switched off', () => {
  it('is not there, and errors are what programs read', async () => {
    const server = await ConsoleServer.open({ console: { enabled: false } });
    try {
      const reply = await send(server.url, 'GET', '/');
      expect(reply.status).toBe(404);
      expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect((await send(server.url, 'GET', '/v1/models', { 'x-api-key': KEYS.read })).status).toBe(200);
    } finally {
      await server.close();
    }
  });
});
