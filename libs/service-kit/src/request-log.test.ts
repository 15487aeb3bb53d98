import { createLog, silentLog } from './log.ts';
import { ProblemError } from './problem.ts';
import { createRequestLog, type RequestLine } from './request-log.ts';

const line: RequestLine = {
  operation: 'getNote',
  method: 'GET',
  requestId: 'request-1',
  caller: 'a "quoted" caller',
  status: 200,
  durationMs: 1.23456,
};

const written = (level: 'info' | 'warn', lines: readonly RequestLine[]) => {
  const texts: string[] = [];
  const destination = { write: (text: string) => void texts.push(text) };
  const log = createLog({ level, destination, fields: { host: 'h' } }).child({ service: 'notes' });
  const logRequest = createRequestLog(log);
  for (const each of lines) logRequest(each);
  log.info({ ...line, durationMs: 1.23 }, 'request');
  return texts;
};

it('writes the line that pino would have written', () => {
  const [own = '', pinos = ''] = written('info', [line]);
  expect(own.endsWith('}\n')).toBe(true);
  const { time, ...fields } = JSON.parse(own);
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(fields).toEqual({ ...JSON.parse(pinos), time: undefined });
  expect(Object.keys(JSON.parse(own))).toEqual(Object.keys(JSON.parse(pinos)));
});

it('names the code of a refusal; a failure is an error with its cause, at any level', () => {
  const refused = { ...line, status: 404, failure: new ProblemError('not_found') };
  const failed = {
    ...line,
    status: 500,
    failure: new ProblemError('internal', { cause: new Error('why') }),
  };
  const [first = '', second = ''] = written('info', [refused, failed]);
  expect(JSON.parse(first)).toMatchObject({ level: 'info', status: 404, code: 'not_found' });
  expect(JSON.parse(second)).toMatchObject({
    level: 'error',
    code: 'internal',
    err: { cause: { message: 'why' } },
  });
  expect(written('warn', [line, refused, failed])).toHaveLength(1);
});

it('redacts a credential that somebody sent as his request id', () => {
  const requestId = 'eyJhbGci.eyJpc3Mi.c2lnbmF0dXJlLWJ5dGVz';
  expect(written('info', [{ ...line, requestId }])[0]).not.toContain('eyJ');
});

it('works on a log that is not pino', () => {
  const seen: object[] = [];
  createRequestLog({ ...silentLog, info: (fields: object | string) => void seen.push(Object(fields)) })(line);
  expect(seen).toEqual([{ ...line, durationMs: 1.23 }]);
});
