import { parseDockerfile } from '../dockerfile.mjs';

const parse = (text: string, args: Record<string, string> = {}) =>
  parseDockerfile(text, 'x.Dockerfile', { arch: 'arm64', args });
const kinds = (text: string, args?: Record<string, string>) => parse(text, args).steps;

test('reads arguments in the scopes that a builder knows', () => {
  const text = [
    'ARG BASE=preset',
    'ARG OTHER=outer',
    'FROM ${BASE}:$TARGETARCH',
    'ARG OTHER',
    'ARG TARGETPLATFORM',
    'ARG NAME=inner',
    'ENV A="${OTHER} $NAME" B=${UNSET:-otherwise}',
    "ENV C=$A D='$A' E=\\$A",
    'LABEL of="${BASE}" platform=$TARGETPLATFORM',
  ].join('\n');
  const { from, steps } = parse(text, { BASE: 'given' });
  expect(from).toBe('given:arm64');
  expect(steps.map((each) => ('values' in each ? each.values : null))).toEqual([
    [
      ['A', 'outer inner'],
      ['B', 'otherwise'],
    ],
    [
      ['C', 'outer inner'],
      ['D', '$A'],
      ['E', '$A'],
    ],
    // BASE is declared before FROM only: the stage does not see it.
    [
      ['of', ''],
      ['platform', 'linux/arm64'],
    ],
  ]);
});

test('joins lines, skips comments and tells the line where a step begins', () => {
  const steps = kinds(
    '# top\nFROM a\n\n  # indented\nENV A=1 \\\n  # between\n  B=2\nCOPY --chown=1000:999 dist/images/a/ dist/images/b/ /x/\n',
  );
  expect(steps).toMatchObject([
    {
      kind: 'ENV',
      line: 5,
      values: [
        ['A', '1'],
        ['B', '2'],
      ],
    },
    {
      kind: 'COPY',
      line: 8,
      sources: ['dist/images/a/', 'dist/images/b/'],
      to: '/x/',
      uid: 1000,
      gid: 999,
    },
  ]);
});

test('reads a health check with its times in nanoseconds, and leaves commands as they are', () => {
  const [check, none, entry, exposed, volume] = kinds(
    'FROM a\nHEALTHCHECK --interval=1m --timeout=500ms --start-period=2h --retries=4 CMD ["/c", "$A"]\nHEALTHCHECK NONE\n' +
      'ENTRYPOINT ["/p", "${A}"]\nEXPOSE 80 53/udp\nVOLUME ["/a", "/b"]',
  );
  expect(check).toMatchObject({
    check: {
      Test: ['CMD', '/c', '$A'],
      Interval: 60e9,
      Timeout: 500e6,
      StartPeriod: 7200e9,
      Retries: 4,
    },
  });
  expect(none).toMatchObject({ check: { Test: ['NONE'] } });
  expect(entry).toMatchObject({ values: ['/p', '${A}'] });
  expect(exposed).toMatchObject({ values: ['80/tcp', '53/udp'] });
  expect(volume).toMatchObject({ values: ['/a', '/b'] });
});

test('a variable may hold several ports, as for a builder', () => {
  const text = 'FROM a\nARG PORT=80\nARG PORTS=${PORT}\nEXPOSE ${PORTS} 53/udp';
  expect(kinds(text)).toMatchObject([{ values: ['80/tcp', '53/udp'] }]);
  expect(kinds(text, { PORTS: '8545 7000' })).toMatchObject([{ values: ['8545/tcp', '7000/tcp', '53/udp'] }]);
});

test.each([
  ['RUN true', 'RUN needs a shell'],
  ['ADD a /a', 'ADD is not read here'],
  ['SHELL ["sh"]', 'SHELL is not read here'],
  ['ONBUILD ENV A=1', 'ONBUILD is not read here'],
  ['STOPSIGNAL 9', 'STOPSIGNAL is not read here'],
  ['FROM b', 'a second FROM'],
  ['COPY --from=other dist/images/a /a', 'of its options only --chown'],
  ['COPY --chmod=755 dist/images/a /a', 'of its options only --chown'],
  ['COPY --chown=lucid:lucid dist/images/a /a', '--chown takes numbers'],
  ['COPY src/a /a', 'files come from dist/images/'],
  ['COPY dist/images/../../etc/passwd /a', 'files come from dist/images/'],
  ['COPY dist/images/*.mjs /a/', 'patterns are not read'],
  ['COPY dist/images/a a', 'the destination begins with /'],
  ['COPY dist/images/a dist/images/b /a', 'the destination ends with /'],
  ['COPY dist/images/a', 'COPY takes sources and a destination'],
  ['CMD node main.mjs', 'CMD takes a JSON list'],
  ['ENTRYPOINT ["a", 1]', 'ENTRYPOINT takes a JSON list'],
  ['HEALTHCHECK CMD curl localhost', 'HEALTHCHECK CMD takes a JSON list'],
  ['HEALTHCHECK --interval=10 CMD ["a"]', 'a time is written as 10s'],
  ['HEALTHCHECK --start-interval=1s CMD ["a"]', 'its options are'],
  ['ENV A', 'ENV takes NAME=value'],
  ['LABEL =x', 'LABEL takes NAME=value'],
  ['ENV A=${B:+c}', 'only ${NAME} and ${NAME:-otherwise}'],
  ['EXPOSE http', 'it takes a port'],
  ['ARG 1A', 'ARG takes one NAME'],
])('refuses `%s` with its line', (line, why) => {
  expect(() => parse(`# a comment\nFROM a\n${line}\n`)).toThrow(`x.Dockerfile:3: ${''}`);
  expect(() => parse(`# a comment\nFROM a\n${line}\n`)).toThrow(why);
});

test.each([
  ['# syntax=docker/dockerfile:1\nFROM a', 'x.Dockerfile:1: directives are not read'],
  ['ENV A=1\nFROM a', 'x.Dockerfile:1: ENV before FROM'],
  ['ARG BASE\nFROM ${BASE}', 'x.Dockerfile:2: FROM names no image'],
  ['FROM a AS b', 'x.Dockerfile:1: FROM takes one image'],
  ['ARG A=1', 'x.Dockerfile: there is no FROM'],
])('refuses the file %j', (text, why) => {
  expect(() => parse(text)).toThrow(why);
});
