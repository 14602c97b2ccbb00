import { cloudEventMode } from './cloud-event-mode.js';

const binary = { 'content-type': 'application/json', 'ce-id': '1', 'ce-source': '/s', 'ce-specversion': '1.0' };

describe('cloudEventMode', () => {
  it.each([
    ['application/cloudevents+json', 'structured'],
    ['Application/CloudEvents-Batch+JSON; charset=utf-8', 'structured'],
    ['application/json', undefined],
  ])('of %s is %s', (contentType, mode) => {
    expect(cloudEventMode({ 'content-type': contentType })).toBe(mode);
  });

  it('is binary when all required attributes are headers', () => {
    expect(cloudEventMode({ ...binary, 'ce-type': 't', 'x-other': 'y' })).toEqual({
      datacontenttype: 'application/json',
      id: '1',
      source: '/s',
      specversion: '1.0',
      type: 't',
    });
    expect(cloudEventMode(binary)).toBeUndefined();
  });

  it.each([
    ['Euro%20%E2%82%AC', 'Euro €'],
    ['%2520', '%20'],
    ['"a \\"b\\" %41"', 'a "b" A'],
    ['%C3%28', null],
    ['%zz', null],
  ])('reads the header %s as %j', (header, text) => {
    expect(cloudEventMode({ ...binary, 'ce-type': header })).toMatchObject({ type: text });
  });
});
