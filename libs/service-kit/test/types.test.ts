import { Type } from 'typebox';
import { type Client, defineService, problemsOf } from '../src/index.ts';
import { notesContract, notesService } from './sample-service.ts';

/** Compile-time checks: each @ts-expect-error fails the typecheck where the line below it compiles. */
const rejected = () => {
  const { handlers } = notesService;
  const createContext = () => ({ close() {} });
  const config = Type.Object({});
  const bare = { contract: notesContract, config, createContext };
  const partial = { getNote: handlers.getNote };
  // @ts-expect-error operations without a handler
  defineService({ ...bare, handlers: partial });
  // @ts-expect-error a handler for an operation that the contract does not have
  defineService({ ...notesService, handlers: { ...handlers, burnNote: () => undefined } });
  const wrong = { ...handlers, getNote: () => ({ noteId: 3 }) };
  // @ts-expect-error a wrong type of answer
  defineService({ ...notesService, handlers: wrong });
  // @ts-expect-error a code that neither the contract nor the kit declares
  problemsOf(notesContract)('no_such_code');
};

const misused = (client: Client<typeof notesContract>) => [
  // @ts-expect-error parameters are missing
  client.getNote(),
  // @ts-expect-error a parameter of another type
  client.getNote({ params: { noteId: 3 } }),
  // @ts-expect-error no such operation
  client.burnNote(),
  client.wait(),
];

it('refuses at definition what types were told to ignore', () => {
  expect(rejected).toThrow('has no handler');
  expect(misused).toBeInstanceOf(Function);
});
