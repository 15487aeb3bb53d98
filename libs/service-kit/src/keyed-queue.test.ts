import { KeyedQueue } from './keyed-queue.ts';

const deferred = () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { gate, open };
};

describe('KeyedQueue', () => {
  it('runs one after the other for a key, and keys beside each other', async () => {
    const queue = new KeyedQueue();
    const said: string[] = [];
    const { gate, open } = deferred();
    const first = queue.run('a', async () => {
      await gate;
      said.push('a1');
    });
    const second = queue.run('a', async () => void said.push('a2'));
    await queue.run('b', async () => void said.push('b1'));
    expect(said).toEqual(['b1']);
    open();
    await Promise.all([first, second]);
    expect(said).toEqual(['b1', 'a1', 'a2']);
  });

  it('goes on after a failure, which only its own caller sees', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run('a', () => Promise.reject(new Error('no')));
    const after = queue.run('a', async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await after).toBe('yes');
    await queue.drained();
  });
});
