import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { StreamSender } from './stream-sender.ts';

test('a reader that takes nothing is cut, and its source is let go', async () => {
  const sender = new StreamSender();
  let released: () => void = () => {};
  const whenReleased = new Promise<void>((resolve) => {
    released = resolve;
  });
  let given = 0;
  async function* endless() {
    try {
      for (;;) {
        given += 1;
        yield Buffer.alloc(65_536);
      }
    } finally {
      released();
    }
  }
  const server = createServer((_request, response) => {
    void sender.send(response, { bytes: endless() }, { stallMs: 50, onFailure: () => {} });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  socket.pause();
  await whenReleased;
  // What the kernel's buffers hold, and no more: the source was not read ahead.
  expect(given).toBeLessThan(1_000);
  socket.destroy();
  server.close();
});
