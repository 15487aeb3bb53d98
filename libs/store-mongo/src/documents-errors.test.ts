import { toDocumentStoreError } from './documents-errors.ts';

test.each(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])(
  'a connection that ends with %s is store_unavailable',
  (code) => {
    const error = Object.assign(new Error('This socket has been ended by the other party'), { code });
    expect(toDocumentStoreError(error, 'sessions')).toMatchObject({
      code: 'store_unavailable',
      cause: error,
    });
  },
);

test('a fault of the program stays what it is', () => {
  const error = new TypeError('not a function');
  expect(toDocumentStoreError(error, 'sessions')).toBe(error);
});
