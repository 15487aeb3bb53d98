/** Documents that were changed in one thing each, with the rule that it breaks, or null where it breaks none. */
import type { OpenApi, Rule } from '../src/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: edits reach anywhere into a document.
type Edit = (operation: any, document: any) => void;

export interface Case {
  readonly name: string;
  readonly edit: Edit;
  readonly breaks: Rule | null;
}

export const path = '/api/v1/notes/{noteId}';

export const baseDocument = (): OpenApi => ({
  info: { version: '1.4.2' },
  paths: {
    [path]: {
      put: {
        operationId: 'putNote',
        summary: 'Writes a note.',
        security: [{ accessToken: [] }, { serviceToken: [] }],
        'x-callers': ['account', 'session-api'],
        'x-permission': 'create_session',
        'x-idempotent': true,
        parameters: [
          {
            name: 'noteId',
            in: 'path',
            required: true,
            schema: { type: 'string', pattern: '^[a-f0-9]{4}$' },
          },
          {
            name: 'limit',
            in: 'query',
            required: false,
            schema: { type: 'integer', minimum: 1, maximum: 100 },
          },
        ],
        requestBody: {
          required: false,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                additionalProperties: false,
                required: ['text'],
                properties: {
                  text: { type: 'string', maxLength: 100, description: 'the text' },
                  tone: {
                    anyOf: [
                      { type: 'string', const: 'calm' },
                      { type: 'string', const: 'loud' },
                    ],
                  },
                  tags: { type: 'array', maxItems: 8, items: { type: ['string', 'null'] } },
                  place: { type: 'object', properties: { city: { type: 'string' } } },
                },
              },
            },
            'text/plain': { schema: { type: 'string' } },
          },
        },
        responses: {
          200: {
            description: 'Success.',
            headers: { ETag: { required: true, schema: { type: 'string' } } },
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['size', 'state'],
                  properties: {
                    size: { type: 'integer', minimum: 0 },
                    state: {
                      anyOf: [
                        { type: 'string', const: 'open' },
                        { type: 'string', const: 'done' },
                      ],
                    },
                    hint: { type: 'string' },
                    parts: {
                      type: 'array',
                      items: { type: 'object', properties: { at: { type: 'integer' } } },
                    },
                    names: { type: 'object', patternProperties: { '^.*$': { type: 'string' } } },
                  },
                },
              },
              'application/yaml': { schema: { type: 'string' } },
            },
          },
          404: { description: '`note_missing`' },
        },
      },
    },
  },
});

// biome-ignore lint/suspicious/noExplicitAny: as above.
const body = (operation: any) => operation.requestBody.content['application/json'].schema;
// biome-ignore lint/suspicious/noExplicitAny: as above.
const answer = (operation: any) => operation.responses[200].content['application/json'].schema;
const literal = (value: string) => ({ type: 'string', const: value });

const cases: readonly (readonly [Rule | null, string, Edit])[] = [
  ['operation-removed', 'the address is gone', (_o, d) => delete d.paths[path]],
  ['operation-removed', 'the method is gone', (o, d) => (d.paths[path] = { post: o })],
  [
    'operation-removed',
    'the parameter of the address has another name',
    (o, d) => (d.paths = { '/api/v1/notes/{id}': { put: o } }),
  ],
  [null, 'another method', (o, d) => (d.paths[path].get = o)],
  [null, 'another address', (o, d) => (d.paths['/api/v1/more'] = { get: o })],
  ['operation-renamed', 'another name', (o) => (o.operationId = 'writeNote')],
  [null, 'another summary', (o) => (o.summary = 'Another.')],
  ['security-tightened', 'no service tokens', (o) => o.security.pop()],
  ['security-tightened', 'no access tokens', (o) => o.security.shift()],
  [null, 'open to anybody', (o) => Object.assign(o, { security: [{}], 'x-callers': ['public'] })],
  ['caller-removed', 'a service is shut out', (o) => o['x-callers'].pop()],
  [null, 'one more caller', (o) => o['x-callers'].push('api-server')],
  ['permission-changed', 'another permission', (o) => (o['x-permission'] = 'manage_users')],
  [null, 'no permission is needed', (o) => delete o['x-permission']],
  ['parameter-required', 'the limit must be given', (o) => (o.parameters[1].required = true)],
  [
    'parameter-required',
    'a new one must be given',
    (o) => o.parameters.push({ name: 'by', in: 'query', required: true, schema: {} }),
  ],
  [
    null,
    'a new one may be given',
    (o) => o.parameters.push({ name: 'by', in: 'query', required: false, schema: {} }),
  ],
  [null, 'in another order', (o) => o.parameters.reverse()],
  ['parameter-removed', 'the limit is gone', (o) => o.parameters.pop()],
  ['parameter-removed', 'the limit is a header', (o) => (o.parameters[1].in = 'header')],
  ['parameter-narrowed', 'a lower maximum', (o) => (o.parameters[1].schema.maximum = 99)],
  ['parameter-narrowed', 'a higher minimum', (o) => (o.parameters[1].schema.minimum = 2)],
  ['parameter-narrowed', 'another pattern', (o) => (o.parameters[0].schema.pattern = '^[a-f0-9]{8}$')],
  ['parameter-narrowed', 'another type', (o) => (o.parameters[1].schema.type = 'boolean')],
  [
    'parameter-narrowed',
    'a keyword that is not known',
    (o) => (o.parameters[1].schema.contains = { const: 1 }),
  ],
  [null, 'a higher maximum', (o) => (o.parameters[1].schema.maximum = 101)],
  [null, 'no pattern', (o) => delete o.parameters[0].schema.pattern],
  [null, 'any number', (o) => (o.parameters[1].schema.type = 'number')],
  ['body-required', 'the body must be given', (o) => (o.requestBody.required = true)],
  [
    'body-required',
    'a body where none was',
    (o, d) => {
      d.was = delete o.requestBody;
    },
  ],
  ['body-media-type-removed', 'no plain text', (o) => delete o.requestBody.content['text/plain']],
  [
    null,
    'one more kind of body',
    (o) => (o.requestBody.content['text/csv'] = { schema: { type: 'string' } }),
  ],
  ['field-required', 'the tone must be given', (o) => body(o).required.push('tone')],
  ['field-required', 'a field inside must be given', (o) => (body(o).properties.place.required = ['city'])],
  [
    'field-required',
    'a new field must be given',
    (o) => {
      body(o).properties.by = { type: 'string' };
      body(o).required.push('by');
    },
  ],
  [null, 'a new field may be given', (o) => (body(o).properties.by = { type: 'string' })],
  [null, 'the text may be left out', (o) => (body(o).required = [])],
  ['field-removed', 'the tone is gone', (o) => delete body(o).properties.tone],
  [null, 'other fields are accepted', (o) => delete body(o).additionalProperties],
  [
    'body-narrowed',
    'other fields inside are refused',
    (o) => (body(o).properties.place.additionalProperties = false),
  ],
  ['body-narrowed', 'a value of a list is gone', (o) => body(o).properties.tone.anyOf.pop()],
  ['body-narrowed', 'a type is gone', (o) => (body(o).properties.tags.items.type = 'string')],
  ['body-narrowed', 'a shorter text', (o) => (body(o).properties.text.maxLength = 99)],
  ['body-narrowed', 'text of one length at least', (o) => (body(o).properties.text.minLength = 1)],
  ['body-narrowed', 'a shorter list', (o) => (body(o).properties.tags.maxItems = 7)],
  ['body-narrowed', 'a list without repetition', (o) => (body(o).properties.tags.uniqueItems = true)],
  ['body-narrowed', 'a format', (o) => (body(o).properties.text.format = 'uri')],
  ['body-narrowed', 'one more condition', (o) => (body(o).properties.text.allOf = [{ pattern: 'a' }])],
  ['body-narrowed', 'a list of values for a text', (o) => (body(o).properties.text = { enum: ['a', 'b'] })],
  [null, 'one more value of a list', (o) => body(o).properties.tone.anyOf.push(literal('merry'))],
  [null, 'a list of values written otherwise', (o) => (body(o).properties.tone = { enum: ['loud', 'calm'] })],
  [
    null,
    'one more variant',
    (o) => (body(o).properties.text = { anyOf: [{ type: 'integer' }, body(o).properties.text] }),
  ],
  [null, 'a length of nothing at least', (o) => (body(o).properties.text.minLength = 0)],
  [null, 'other words about a field', (o) => (body(o).properties.text.description = 'other')],
  ['idempotency-lost', 'not to be repeated', (o) => (o['x-idempotent'] = false)],
  [
    'status-removed',
    'another status of success',
    (o) => {
      o.responses[201] = o.responses[200];
      delete o.responses[200];
    },
  ],
  ['status-removed', 'no 404', (o) => delete o.responses[404]],
  [null, 'one more status', (o) => (o.responses[409] = { description: 'x' })],
  ['answer-media-type-removed', 'no YAML', (o) => delete o.responses[200].content['application/yaml']],
  ['answer-header-removed', 'no ETag', (o) => delete o.responses[200].headers],
  [null, 'one more header', (o) => (o.responses[200].headers.Age = {})],
  ['answer-field-removed', 'the hint is gone', (o) => delete answer(o).properties.hint],
  ['answer-field-removed', 'the size may be gone', (o) => answer(o).required.shift()],
  [
    'answer-field-removed',
    'a field of a list is gone',
    (o) => delete answer(o).properties.parts.items.properties.at,
  ],
  [null, 'one more field', (o) => (answer(o).properties.more = { type: 'string' })],
  [null, 'the hint is always there', (o) => answer(o).required.push('hint')],
  ['answer-widened', 'one more value', (o) => answer(o).properties.state.anyOf.push(literal('lost'))],
  ['answer-widened', 'one more type', (o) => (answer(o).properties.hint.type = ['string', 'null'])],
  ['answer-widened', 'any number', (o) => (answer(o).properties.size.type = 'number')],
  ['answer-widened', 'a lower minimum', (o) => (answer(o).properties.size.minimum = -1)],
  ['answer-widened', 'members of a map', (o) => (answer(o).properties.names.patternProperties['^.*$'] = {})],
  [null, 'one value less', (o) => answer(o).properties.state.anyOf.pop()],
  [null, 'a higher minimum of an answer', (o) => (answer(o).properties.size.minimum = 5)],
];

export const corpus: readonly Case[] = cases.map(([breaks, name, edit]) => ({ breaks, name, edit }));
