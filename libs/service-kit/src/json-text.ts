/**
 * An answer whose JSON the handler wrote itself, for operations that answer thousands of times a second: the server sends
 * the text as it is. It must be what `JSON.stringify` gives for a valid answer; test stacks parse it and judge it.
 */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const jsonText = (text: string): JsonText => new JsonText(text);

/** What a handler answered, as a value. */
export const answerValue = (answer: unknown): unknown =>
  answer instanceof JsonText ? JSON.parse(answer.text) : answer;
