import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIP, type LookupFunction, Socket } from 'node:net';
import { EgressError, type EgressFailure } from './egress-error.js';
import { GuardedHttp, type GuardedHttpOptions } from './guarded-http.js';
import type { ResolveName } from './guarded-lookup.js';

const live = new AbortController().signal;
const PUBLIC = '93.184.216.34';

/** What names resolve to; those that are not here are public. */
const ZONE: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1', '::1'],
  'localhost.': ['127.0.0.1'],
  'api.localhost': ['::1'],
  'localhost.example': ['127.0.0.1'],
  '127.0.0.1.nip.example': ['127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'metadata.google.internal.': ['169.254.169.254'],
  metadata: ['169.254.169.254'],
  'instance-data.ec2.internal': ['169.254.169.254'],
  'ipv6.metadata.example': ['fd00:ec2::254'],
  'kubernetes.default.svc': ['10.96.0.1'],
  'clickhouse.internal': ['192.168.1.20'],
  'host.docker.internal': ['172.17.0.1'],
  'mapped.example': ['::ffff:10.0.0.1'],
  'nat64.example': ['64:ff9b::a9fe:a9fe'],
  'zone.example': ['fe80::1%eth0'],
  'all-private.example': ['10.0.0.1', 'fe80::1', '127.0.0.1'],
  'this-host.example': ['0.0.0.0', '::'],
  'xn--lcalhost-v3a.example': ['127.0.0.1'],
  'many.example': [PUBLIC, '2606:4700:4700::1111'],
  'half-private.example': ['10.0.0.1', PUBLIC, '::1'],
};

const resolveName: ResolveName = (name, _options, callback) => {
  const addresses = ZONE[name] ?? [PUBLIC];
  setImmediate(() =>
    callback(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    ),
  );
};

/** URLs by which a user would make this server talk to itself, its network or its cloud. */
const HOSTILE: readonly string[] = [
  // Literals.
  'http://127.0.0.1/',
  'http://127.0.0.1:8123/?query=DROP',
  'https://127.0.0.1/',
  'http://127.1.2.3/',
  'http://127.255.255.255/',
  'http://0.0.0.0/',
  'http://0.1.2.3/',
  'http://10.0.0.1/',
  'http://100.64.0.1/',
  'http://100.100.100.200/',
  'http://169.254.169.254/latest/meta-data/',
  'http://169.254.170.2/v2/credentials',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.0.0.192/opc/v2/',
  'http://192.168.0.1/',
  'http://168.63.129.16/',
  'http://198.18.0.1/',
  'http://224.0.0.251/',
  'http://255.255.255.255/',
  // Other ways to write them.
  'http://2130706433/',
  'http://3232235521/',
  'http://2852039166/',
  'http://017700000001/',
  'http://0177.0.0.1/',
  'http://0177.0.0.01/',
  'http://0251.0376.0251.0376/',
  'http://0x7f000001/',
  'http://0x7f.0x0.0x0.0x1/',
  'http://0xA9FEA9FE/',
  'http://0x7f.1/',
  'http://127.1/',
  'http://127.0.1/',
  'http://10.1/',
  'http://192.168.257/',
  'http://0/',
  'http://127.0.0.1./',
  'http://0x7f.1./',
  'http://%31%32%37.0.0.1/',
  'http://127.0.0.%31/',
  'http://127.0\n.0.1/',
  'http://\t127.0.0.1/',
  'http:\\\\127.0.0.1\\',
  'http:127.0.0.1',
  'http:////127.0.0.1/',
  'http://１２７.０.０.１/',
  'http://①②⑦.⓪.⓪.①/',
  'http://127。0。0。1/',
  'http://127｡0．0｡1/',
  'http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/',
  'http://127.0.0.1\u00ad/',
  // IPv6 and IPv4 inside it.
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::FFFF:A9FE:A9FE]/',
  'http://[0:0:0:0:0:ffff:10.0.0.1]/',
  'http://[::ffff:0:127.0.0.1]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::127.0.0.1]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[64:ff9b:1::a00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2002:a9fe:a9fe::1]/',
  'http://[2001:0:7f00:1::]/',
  'http://[2001:0:0:0:0:0:80ff:fffe]/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://[fc00::1]/',
  'http://[fe80::1]/',
  'http://[fe80::1%25eth0]/',
  'http://[fe80::1%eth0]/',
  'http://[::1%25lo]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'http://[2001:db8::1]/',
  'http://[100::1]/',
  'http://[3fff::1]/',
  // What stands before the host.
  'http://93.184.216.34@127.0.0.1/',
  'http://example.com@127.0.0.1/',
  'http://example.com:80@169.254.169.254/',
  'http://a:b@[::1]/',
  'http://example.com%2f@127.0.0.1/',
  'http://127.0.0.1#@example.com/',
  'http://127.0.0.1?@example.com/',
  'http://127.0.0.1\\@example.com/',
  // Names.
  'http://localhost/',
  'http://LOCALHOST/',
  'http://localhost./',
  'http://lo\u00adcalhost/',
  'http://ｌｏｃａｌｈｏｓｔ/',
  'http://api.localhost/',
  'http://localhost.example/',
  'http://127.0.0.1.nip.example/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://metadata.google.internal./computeMetadata/v1/',
  'http://metadata/',
  'http://instance-data.ec2.internal/',
  'http://ipv6.metadata.example/',
  'http://kubernetes.default.svc/',
  'http://clickhouse.internal:8123/',
  'http://host.docker.internal/',
  'http://mapped.example/',
  'http://nat64.example/',
  'http://zone.example/',
  'http://all-private.example/',
  'http://this-host.example/',
  'http://lócalhost.example/',
  // No HTTP at all, or no address.
  'file:///etc/passwd',
  'ftp://example.com/',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'unix:/var/run/docker.sock',
  'data:text/plain,x',
  'http://',
  'http://127.0.0.1%00.example/',
  '//127.0.0.1/',
  '',
];

/** URLs that receivers have, or could have. */
const PUBLIC_LOOKING: readonly (readonly [url: string, address: string])[] = [
  ['https://1.1.1.1/', '1.1.1.1'],
  ['https://8.8.8.8:8443/hook', '8.8.8.8'],
  ['https://9.255.255.255/', '9.255.255.255'],
  ['https://11.0.0.1/', '11.0.0.1'],
  ['https://100.63.255.255/', '100.63.255.255'],
  ['https://100.128.0.1/', '100.128.0.1'],
  ['https://126.255.255.255/', '126.255.255.255'],
  ['https://128.0.0.1/', '128.0.0.1'],
  ['https://168.63.129.15/', '168.63.129.15'],
  ['https://169.253.1.1/', '169.253.1.1'],
  ['https://169.255.1.1/', '169.255.1.1'],
  ['https://172.15.255.255/', '172.15.255.255'],
  ['https://172.32.0.1/', '172.32.0.1'],
  ['https://192.0.1.1/', '192.0.1.1'],
  ['https://192.167.255.255/', '192.167.255.255'],
  ['https://192.169.0.1/', '192.169.0.1'],
  ['https://198.17.255.255/', '198.17.255.255'],
  ['https://198.20.0.1/', '198.20.0.1'],
  ['https://223.255.255.254/', '223.255.255.254'],
  ['https://134744072/', '8.8.8.8'],
  ['https://0x08080808/', '8.8.8.8'],
  ['https://[2606:4700:4700::1111]/', '2606:4700:4700::1111'],
  ['https://[2001:4860:4860::8888]:8443/hook', '2001:4860:4860::8888'],
  ['https://[2a00:1450:4001:81b::200e]/', '2a00:1450:4001:81b::200e'],
  ['https://[2001:200::1]/', '2001:200::1'],
  ['https://[3ffe::1]/', '3ffe::1'],
  ['https://[::ffff:8.8.8.8]/', '::ffff:808:808'],
  ['https://hooks.slack.com/services/T0/B0/X', PUBLIC],
  ['https://events.pagerduty.com/v2/enqueue', PUBLIC],
  ['https://events.eu.pagerduty.com', PUBLIC],
  ['https://EXAMPLE.com/', PUBLIC],
  ['https://example.com./', PUBLIC],
  ['https://user:pass@example.com/hook', PUBLIC],
  ['https://example.com:8443/a?b=c#d', PUBLIC],
  ['https://bücher.example/', PUBLIC],
  ['https://xn--bcher-kva.example/', PUBLIC],
  ['https://127.0.0.1.example/', PUBLIC],
  ['https://localhost.localdomain.example/', PUBLIC],
  ['https://10-0-0-1.example/', PUBLIC],
  ['https://airflow_prod.example/', PUBLIC],
  [`https://${'a'.repeat(63)}.${'b'.repeat(63)}.example/`, PUBLIC],
  ['http://example.com/', PUBLIC],
];

describe('GuardedHttp', () => {
  let http: GuardedHttp | undefined;
  const open = (options: Partial<GuardedHttpOptions> = {}): GuardedHttp =>
    (http = new GuardedHttp({ allowedAddresses: [], allowHttp: true, resolveName, ...options }));
  const failureOf = async (url: string): Promise<EgressError> => {
    const error: unknown = await http!.post(url, {}, '{}', live).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof EgressError)) throw new Error(`no failure of the egress: ${String(error)}`);
    return error;
  };

  afterEach(async () => {
    import.meta.jest.restoreAllMocks();
    await http?.close();
    http = undefined;
  });

  describe('with the network of the machine taken away', () => {
    /** Addresses that a connection was made to, each with the port. */
    let dialled: string[];

    beforeEach(() => {
      dialled = [];
      open();
      // Sockets resolve names by the lookup that they are given, as always, and note where they would go instead of going there.
      import.meta.jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (
        this: Socket,
        ...given: unknown[]
      ) {
        const [options] = given.flat() as [{ host: string; port: number | string; lookup: LookupFunction }];
        const refuse = (addresses: readonly string[]): void => {
          dialled.push(...addresses);
          this.destroy(Object.assign(new Error('refused by the test'), { code: 'ECONNREFUSED' }));
        };
        if (isIP(options.host) !== 0) process.nextTick(refuse, [options.host]);
        else {
          options.lookup(options.host, { all: true }, (error, addresses) => {
            if (error !== null) this.destroy(error);
            else refuse([addresses].flat().map((each) => (typeof each === 'string' ? each : each.address)));
          });
        }
        return this;
      });
    });

    it('has a corpus worth the name', () => {
      expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(60);
      expect(new Set(PUBLIC_LOOKING).size).toBeGreaterThanOrEqual(30);
    });

    it.each(HOSTILE)('refuses %j', async (url) => {
      const error = await failureOf(url);
      const refusals: EgressFailure[] = ['address_refused', 'tls_required', 'invalid_request'];
      expect(refusals).toContain(error.reason);
      expect(error).toMatchObject({ retryable: false, maybeSent: false });
      expect(dialled).toEqual([]);
    });

    it.each(PUBLIC_LOOKING)('allows %j', async (url, address) => {
      expect(await failureOf(url)).toMatchObject({ reason: 'not_connected', retryable: true, maybeSent: false });
      expect(dialled).toEqual([address]);
    });

    it('goes to the public ones of several addresses, and to no other', async () => {
      await failureOf('https://many.example/');
      await failureOf('https://half-private.example/');
      expect(dialled).toEqual([PUBLIC, '2606:4700:4700::1111', PUBLIC]);
    });

    it('does not tell how a name resolves inside the network', async () => {
      expect((await failureOf('http://clickhouse.internal/')).message).not.toMatch(/192\.168/);
    });

    it('connects to what it has checked: a name that resolves differently the second time is checked a second time', async () => {
      const answers = [PUBLIC, '127.0.0.1', PUBLIC, '169.254.169.254'];
      let lookups = 0;
      await http!.close();
      open({
        resolveName: (_name, _options, callback) =>
          setImmediate(() => callback(null, [{ address: answers[lookups++ % answers.length]!, family: 4 }])),
      });
      const reasons = [];
      for (let attempt = 0; attempt < 4; attempt += 1)
        reasons.push((await failureOf('https://rebinding.example/')).reason);
      expect(reasons).toEqual(['not_connected', 'address_refused', 'not_connected', 'address_refused']);
      expect(lookups).toBe(4);
      expect(dialled).toEqual([PUBLIC, PUBLIC]);
    });

    it('says that a name which does not resolve may do so later', async () => {
      await http!.close();
      open({
        resolveName: (_name, _options, callback) =>
          setImmediate(() => callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])),
      });
      expect(await failureOf('https://gone.example/')).toMatchObject({ reason: 'not_connected', retryable: true });
    });
  });

  describe('to a server of this machine', () => {
    let server: Server;
    let port: number;
    let paths: string[];
    beforeEach(async () => {
      paths = [];
      server = createServer((request, response) => {
        paths.push(`${request.headers.host} ${request.url}`);
        const location = /^\/to\/(.*)$/.exec(request.url ?? '')?.[1];
        if (location === undefined) response.writeHead(200, { 'x-two': ['a', 'b'] }).end('{"a":1}');
        else response.writeHead(302, { location: decodeURIComponent(location) }).end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      ({ port } = server.address() as AddressInfo);
    });
    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    it('reaches what the operator allows, by address and by name, and not a name that resolves elsewhere', async () => {
      open({ allowedAddresses: ['127.0.0.1'] });
      for (const host of ['127.0.0.1', 'localhost', '127.0.0.1.nip.example']) {
        expect(await http!.post(`http://${host}:${port}/`, {}, '{}', live)).toMatchObject({ status: 200, text: '' });
      }
      expect(paths).toEqual([`127.0.0.1:${port} /`, `localhost:${port} /`, `127.0.0.1.nip.example:${port} /`]);
      expect(await failureOf(`http://kubernetes.default.svc:${port}/`)).toMatchObject({ reason: 'address_refused' });
    });

    it.each(['http://169.254.169.254/latest/meta-data/', '/elsewhere', 'file:///etc/passwd'])(
      'does not follow a redirect to %s',
      async (location) => {
        open({ allowedAddresses: ['127.0.0.1'] });
        const url = `http://127.0.0.1:${port}/to/${encodeURIComponent(location)}`;
        expect(await http!.post(url, {}, '{}', live)).toMatchObject({ status: 302, headers: { location } });
        expect(paths).toHaveLength(1);
      },
    );

    it('asks for TLS unless the operator waives it', async () => {
      open({ allowedAddresses: ['127.0.0.1'], allowHttp: false });
      expect(await failureOf(`http://127.0.0.1:${port}/`)).toMatchObject({ reason: 'tls_required', retryable: false });
      expect(paths).toEqual([]);
    });

    it('reads a success where it is wanted, and no more of it than is wanted', async () => {
      open({ allowedAddresses: ['127.0.0.1'] });
      const request = { method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {}, reads: 'all' } as const;
      expect(await http!.send(request, live)).toMatchObject({ text: '{"a":1}', headers: { 'x-two': 'a' } });
      await expect(http!.send({ ...request, maxAnswerBytes: 6 }, live)).rejects.toMatchObject({
        reason: 'answer_too_long',
        retryable: false,
        maybeSent: true,
      });
    });

    it('does not let headers or addresses smuggle another header', async () => {
      open({ allowedAddresses: ['127.0.0.1'] });
      const url = `http://127.0.0.1:${port}/`;
      for (const headers of [{ 'x-a': 'b\r\nx-c: d' }, { 'x-a\r\nx-c': 'd' }]) {
        await expect(http!.post(url, headers, '{}', live)).rejects.toMatchObject({ reason: 'invalid_request' });
      }
      await http!.post(`${url}a\r\nx-c: d`, {}, '{}', live);
      expect(paths).toEqual([`127.0.0.1:${port} /ax-c:%20d`]);
    });

    it('takes no proxy of the environment', async () => {
      const proxy = process.env['http_proxy'];
      process.env['http_proxy'] = 'http://127.0.0.1:1/';
      try {
        open({ allowedAddresses: ['127.0.0.1'] });
        expect((await http!.post(`http://127.0.0.1:${port}/`, {}, '{}', live)).status).toBe(200);
      } finally {
        if (proxy === undefined) delete process.env['http_proxy'];
        else process.env['http_proxy'] = proxy;
      }
    });
  });
});
