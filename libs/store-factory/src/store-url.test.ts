import { expect, test } from '@jest/globals';
import { parseStoreUrl } from './store-url.ts';

test.each([
  ['data/sessions', { scheme: 'file', path: 'data/sessions' }],
  ['/var/lib/lucid', { scheme: 'file', path: '/var/lib/lucid' }],
  ['file:///var/lib/a%20b', { scheme: 'file', path: '/var/lib/a b' }],
  ['memory:', { scheme: 'memory' }],
  ['mongodb://db:27017/lucid', { scheme: 'mongodb', url: 'mongodb://db:27017/lucid' }],
  ['mongodb+srv://db/lucid', { scheme: 'mongodb', url: 'mongodb+srv://db/lucid' }],
  ['redis://cache:6379/1', { scheme: 'redis', url: 'redis://cache:6379/1' }],
  ['s3://evidence', { scheme: 's3', bucket: 'evidence', prefix: '', region: 'us-east-1' }],
  [
    's3://evidence/a/b?region=eu-central-1&endpoint=http%3A%2F%2Fstore%3A9000&pathStyle=true',
    {
      scheme: 's3',
      bucket: 'evidence',
      prefix: 'a/b/',
      region: 'eu-central-1',
      endpoint: 'http://store:9000',
      pathStyle: true,
    },
  ],
])('%s', (text, place) => {
  expect(parseStoreUrl(text)).toEqual(place);
});

test.each([
  ['', 'must not be empty'],
  ['postgres://user:hunter2@db/lucid', 'no store speaks postgres:'],
  ['s3:///prefix', 's3://BUCKET'],
  ['s3://key:hunter2@bucket', 'must not hold keys'],
  ['s3://bucket?secret=hunter2', 'no parameter secret'],
  ['s3://bucket?pathStyle=maybe', 'true or false'],
])('refuses %s', (text, message) => {
  const refused = () => parseStoreUrl(text);
  expect(refused).toThrow(RangeError);
  expect(refused).toThrow(message);
  expect(refused).not.toThrow('hunter2');
});
