import { isProblem } from '../src/index.ts';
import { startTestStack, type TestStack, testTransports } from '../src/testing.ts';
import {
  createGate,
  echoContract,
  echoService,
  type Gate,
  notesContract,
  notesService,
} from './sample-service.ts';

/** Code of the ProblemError that a promise rejects with. */
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
  return 'no problem';
};

describe.each(testTransports)('services over %s', (transport) => {
  let stack: TestStack;
  let gate: Gate;
  beforeEach(async () => {
    gate = createGate();
    const adapters = { notes: { gate }, echo: { gate } };
    stack = await startTestStack({ definitions: [notesService, echoService], transport, adapters });
  });
  afterEach(() => stack.close());

  it('answers what the handlers return', async () => {
    const notes = stack.clientOf(notesContract);
    const note = { noteId: 'a', text: 'hello', copies: 1 };
    expect(await notes.putNote({ params: { noteId: 'a' }, body: { text: 'hello', copies: 1 } })).toEqual(
      note,
    );
    expect(await notes.getNote({ params: { noteId: 'a' } })).toEqual(note);
    expect(await notes.dropNote({ params: { noteId: 'a' } })).toBeUndefined();
    expect(await codeOf(notes.getNote({ params: { noteId: 'a' } }))).toBe('note_missing');
  });

  it('lets services call each other as themselves', async () => {
    expect((await stack.clientOf(echoContract).whoAmI()).caller).toBe('echo');
    expect(await codeOf(stack.clientOf(notesContract).onlyEcho())).toBe('forbidden');
  });

  it('carries bytes', async () => {
    const answer = await stack.clientOf(notesContract).reverseBytes({ body: Uint8Array.of(1, 2, 3) });
    expect([...answer]).toEqual([3, 2, 1]);
  });
});
