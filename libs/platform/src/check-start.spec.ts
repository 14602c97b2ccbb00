import { configurationSchema } from '@plumbline/contracts';
import { checkClickhouseHttp } from './check-start.js';
import type { Role } from './role.js';

const key = { key: 'k'.repeat(16), project: 'ours', scopes: ['read'] };
const user = { user: 'grafana', project: 'ours', password: 'long enough' };

function check(clickhouse: object, role: Role = 'standalone', apiKeys: object[] = []): void {
  checkClickhouseHttp(role, configurationSchema.parse({ clickhouse, apiKeys }));
}

describe('checkClickhouseHttp', () => {
  it.each([
    ['off', {}],
    ['on this machine, without users', { http: '127.0.0.1:8123' }],
    ['by IPv6', { http: '[::1]:8123' }],
    ['beyond it, with users', { http: '0.0.0.0:8123', httpUsers: [user] }],
  ])('accepts: %s', (_, clickhouse) => {
    expect(() => check(clickhouse)).not.toThrow();
  });

  it('refuses to be open where the API is not, or beyond this machine, and says what to set', () => {
    expect(() => check({ http: '0.0.0.0:8123' })).toThrow(/beyond this machine.*PLUMBLINE_CLICKHOUSE_HTTP_USERS/);
    expect(() => check({ http: '127.0.0.1:8123' }, 'standalone', [key])).toThrow(/PLUMBLINE_CLICKHOUSE_HTTP_USERS/);
    expect(() => check({ http: '127.0.0.1:8123', httpUsers: [user] }, 'standalone', [key])).not.toThrow();
  });

  it('refuses it where there is a server that has it', () => {
    expect(() => check({ http: '127.0.0.1:8123', url: 'http://u:p@server:8123' })).toThrow(/ClickHouse server itself/);
    expect(() => check({ http: '127.0.0.1:8123' }, 'api')).toThrow(/ClickHouse server itself/);
  });

  it('reads users from the environment’s form, with colons in passwords', () => {
    const { clickhouse } = configurationSchema.parse({ clickhouse: { httpUsers: 'a:ours:se:cret:12, b:*:passw0rd' } });
    expect(clickhouse.httpUsers).toEqual([
      { user: 'a', project: 'ours', password: 'se:cret:12' },
      { user: 'b', project: '*', password: 'passw0rd' },
    ]);
    expect(() => configurationSchema.parse({ clickhouse: { httpUsers: 'a:ours:short' } })).toThrow(/8 characters/);
  });
});
