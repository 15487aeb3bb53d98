/** Pub/sub over two connections: a subscribed one can do nothing else. */
import {
  checkTopic,
  Delivery,
  type EventBus,
  payloadToJson,
  type SubscribeOptions,
  type Subscription,
} from '@lucid/events';
import type { Redis } from 'ioredis';
import type { Run } from './redis-events.ts';

export interface RedisBusOptions {
  readonly publisher: Redis;
  readonly subscriber: Redis;
  readonly prefix: string;
  readonly run: Run;
}

export class RedisBus implements EventBus {
  readonly #options: RedisBusOptions;
  readonly #channels = new Map<string, Set<Delivery>>();
  /** Channels with a subscription on the present connection. */
  readonly #flowing = new Set<string>();
  /** Those that are to be told of a gap as soon as events flow. */
  readonly #waiting = new Set<Delivery>();

  constructor(options: RedisBusOptions) {
    this.#options = options;
    const { subscriber } = options;
    subscriber.on('message', (channel: string, json: string) => this.#deliver(channel, json));
    subscriber.on('close', () => this.#lose());
    subscriber.on('ready', () => void this.#renew());
  }

  async publish(topic: string, payload: unknown): Promise<void> {
    checkTopic(topic);
    const json = payloadToJson(payload);
    await this.#options.run(() => this.#options.publisher.publish(this.#channel(topic), json));
  }

  async subscribe(topic: string, options: SubscribeOptions): Promise<Subscription> {
    checkTopic(topic);
    await this.#options.run(async () => undefined);
    const channel = this.#channel(topic);
    const delivery = new Delivery(options);
    const deliveries = this.#channels.get(channel) ?? new Set<Delivery>();
    this.#channels.set(channel, deliveries.add(delivery));
    if (!(await this.#flow(channel))) this.#wait(delivery);
    return { close: () => this.#leave(channel, delivery) };
  }

  close(): void {
    for (const deliveries of this.#channels.values()) for (const delivery of deliveries) delivery.close();
    this.#channels.clear();
    this.#waiting.clear();
  }

  #channel(topic: string): string {
    return `${this.#options.prefix}event:${topic}`;
  }

  #deliver(channel: string, json: string): void {
    for (const delivery of this.#channels.get(channel) ?? []) delivery.push(json);
  }

  /** False while the server is away; then `#renew` does it. */
  async #flow(channel: string): Promise<boolean> {
    if (this.#flowing.has(channel)) return true;
    const { subscriber } = this.#options;
    if (subscriber.status === 'reconnecting' || subscriber.status === 'close') return false;
    try {
      await subscriber.subscribe(channel);
      this.#flowing.add(channel);
      return true;
    } catch {
      return false;
    }
  }

  #wait(delivery: Delivery): void {
    this.#waiting.add(delivery);
    // The connection may have come back while the subscription was failing.
    if (this.#options.subscriber.status === 'ready') void this.#renew();
  }

  #lose(): void {
    for (const channel of this.#flowing) {
      for (const delivery of this.#channels.get(channel) ?? []) this.#waiting.add(delivery);
    }
    this.#flowing.clear();
  }

  /** With each connection: whoever waited may have missed something. */
  async #renew(): Promise<void> {
    for (const [channel, deliveries] of [...this.#channels]) {
      const waiting = [...deliveries].filter((delivery) => this.#waiting.has(delivery));
      if (waiting.length === 0) continue;
      if (!(await this.#flow(channel))) return this.#reconnect();
      for (const delivery of waiting) if (this.#waiting.delete(delivery)) delivery.gap();
    }
  }

  /** A connection that carries no subscription is of no use. */
  #reconnect(): void {
    if (this.#options.subscriber.status === 'ready') this.#options.subscriber.disconnect(true);
  }

  async #leave(channel: string, delivery: Delivery): Promise<void> {
    delivery.close();
    this.#waiting.delete(delivery);
    const deliveries = this.#channels.get(channel);
    if (!deliveries?.delete(delivery) || deliveries.size > 0) return;
    this.#channels.delete(channel);
    if (!this.#flowing.delete(channel)) return;
    // Without a connection there is nothing to leave.
    await this.#options.subscriber.unsubscribe(channel).catch(() => undefined);
  }
}
