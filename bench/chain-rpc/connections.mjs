// Asks over HTTP with as little of its own as can be: it shares two cores with what it measures.
import { connect } from 'node:net';

const split = Buffer.from('\r\n\r\n');

/** One connection that asks one thing after another. */
function openConnection({ host, port }) {
  const socket = connect(port, host);
  socket.setNoDelay(true);
  let pending = null;
  let read = Buffer.alloc(0);
  socket.on('data', (part) => {
    read = read.length === 0 ? part : Buffer.concat([read, part]);
    const head = read.indexOf(split);
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(read.subarray(0, head).toString('latin1'))?.[1]);
    if (read.length < head + 4 + length) return;
    const body = read.subarray(head + 4, head + 4 + length);
    read = read.subarray(head + 4 + length);
    const { resolve } = pending;
    pending = null;
    resolve(body);
  });
  socket.on('error', (error) => pending?.reject(error));
  socket.on('close', () => pending?.reject(new Error('the connection was closed')));
  const authority = `${host}:${port}`;
  return {
    ask: (body) =>
      new Promise((resolve, reject) => {
        pending = { resolve, reject };
        socket.write(
          `POST / HTTP/1.1\r\nHost: ${authority}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      }),
    close: () => socket.destroy(),
  };
}

/**
 * Asks `next()` over and over until `untilMs`, or until it gives null. Gives how many were answered, in how many seconds, and the latencies' 50th
 * and 99th percentile in milliseconds.
 */
export async function askMany({ url, connections, seconds, next, judge = () => {} }) {
  const { hostname: host, port } = new URL(url);
  const open = Array.from({ length: connections }, () => openConnection({ host, port: Number(port) }));
  const latencies = [];
  const startedAt = performance.now();
  const untilMs = startedAt + seconds * 1000;
  await Promise.all(
    open.map(async (connection) => {
      for (let body = next(); body !== null && performance.now() < untilMs; body = next()) {
        const askedAt = performance.now();
        const answer = await connection.ask(body);
        latencies.push(performance.now() - askedAt);
        judge(answer);
      }
    }),
  );
  const took = (performance.now() - startedAt) / 1000;
  for (const connection of open) connection.close();
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { count: latencies.length, seconds: took, p50: at(0.5), p99: at(0.99), most: at(1) };
}
