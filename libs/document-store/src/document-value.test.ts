import fc from 'fast-check';
import { copyDocument, documentFromJson, documentToJson } from './document-value.ts';

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => (each === 0 ? 0 : each)),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 20 }),
);
const name = fc.stringMatching(/^[a-z][a-zA-Z0-9 $é-]{0,5}$/);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
  ),
}));

test('a copy is equal and shares nothing, and JSON brings it back', () =>
  fc.assert(
    fc.property(fc.dictionary(name, tree), (document) => {
      const { document: copy } = copyDocument('c', document);
      const plain = Object.assign({}, document);
      expect(copy).toEqual(plain);
      expect(documentFromJson(documentToJson(copy))).toEqual(plain);
    }),
  ));

test('an array nested too deep, and one that holds itself, are refused', () => {
  const circle: unknown[] = [];
  circle.push(circle);
  expect(() => copyDocument('c', { circle })).toThrow(
    expect.objectContaining({ code: 'invalid_document', message: expect.stringContaining('deeper') }),
  );
});

test.each(['', '$a', 'a.b', '__proto__', '__array', 'a\u0000'])('%j cannot be a property name', (bad) => {
  const document = JSON.parse(`{"a":{${JSON.stringify(bad)}:1}}`);
  expect(() => copyDocument('c', document)).toThrow(expect.objectContaining({ code: 'invalid_document' }));
});

test('a refusal names the place and never the value', () => {
  const secret = { keys: [{ value: 'secret\ud800' }] };
  expect(() => copyDocument('c', secret)).toThrow('c: keys/0/value is not well-formed Unicode');
});
