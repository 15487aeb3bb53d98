// node judge-documents.mjs: judges the OpenAPI documents of standard input ({ name: document }) by a validator that others
// wrote, and every schema in them by JSON Schema 2020-12; writes { name: [fault] } to standard output.
import { text } from 'node:stream/consumers';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';

function* schemasOf(value, key) {
  if (typeof value !== 'object' || value === null) return;
  if (key === 'schema') yield value;
  else for (const [name, each] of Object.entries(value)) yield* schemasOf(each, name);
}

const verdicts = {};
for (const [name, document] of Object.entries(JSON.parse(await text(process.stdin)))) {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const schemas = [...schemasOf(document.paths)].filter((each) => !ajv.validateSchema(each));
  verdicts[name] = [
    ...(valid ? [] : [JSON.stringify(errors)]),
    ...schemas.map((each) => JSON.stringify(each)),
  ];
}
process.stdout.write(JSON.stringify(verdicts));
