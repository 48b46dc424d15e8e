import type { Clock, LineChannel } from '@drover/spec';
import { SimulatedClock } from '@drover/testkit';
import { expect, test } from 'vitest';
import { RunnerChannel } from './runner-channel.ts';

/** A channel over a line that keeps what is sent, and says nothing unless told to. */
class Setting {
  readonly clock = new SimulatedClock();
  readonly sent: string[] = [];
  readonly channel: RunnerChannel;
  wakes = 0;
  ended: Error | undefined;
  #say: (line: string) => void = () => undefined;

  constructor() {
    const line: LineChannel = {
      send: (text) => this.sent.push(text) > 0,
      onLine: (listener) => {
        this.#say = listener;
        return () => undefined;
      },
      onDrain: () => () => undefined,
      onClose: () => () => undefined,
      close: () => undefined,
    };
    this.channel = new RunnerChannel(line, {
      clock: this.#counting(),
      renewMs: 20_000,
      replyTimeoutMs: 30_000,
      afterSequence: 0,
      onEvent: () => undefined,
      onCongestion: () => undefined,
      onClose: (error) => (this.ended = error),
    });
  }

  /** The runner answers every request so far. */
  answer(): void {
    this.sent.forEach((_text, index) => this.#say(JSON.stringify({ type: 'ok', id: index + 1 })));
  }

  #counting(): Clock {
    const { clock } = this;
    return {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: (ms, options) => clock.sleep(ms, options),
      timer: (ms, callback) =>
        clock.timer(ms, () => {
          this.wakes += 1;
          callback();
        }),
    };
  }
}

test('renews the leases after so long without a request, to the millisecond', async () => {
  const setting = new Setting();
  await setting.clock.advance(19_999);
  expect(setting.sent).toEqual([]);
  await setting.clock.advance(1);
  expect(setting.sent).toEqual(['{"type":"renew","id":1}']);
  setting.answer();
  await setting.clock.advance(20_000);
  expect(setting.sent).toHaveLength(2);
});

test('notices after the time for an answer, to the millisecond, that none comes', async () => {
  const setting = new Setting();
  await setting.clock.advance(7_000);
  setting.channel.request({ type: 'list' }, () => undefined);
  await setting.clock.advance(29_999);
  expect(setting.ended).toBeUndefined();
  await setting.clock.advance(1);
  expect(setting.ended?.message).toContain('did not answer within 30 s');
});

test('does not wake while requests come as often as probes', async () => {
  const setting = new Setting();
  for (let i = 0; i < 60; i += 1) {
    setting.channel.request({ type: 'list' }, () => undefined);
    setting.answer();
    await setting.clock.advance(10_000);
  }
  expect(setting.sent).toHaveLength(60);
  expect(setting.wakes).toBe(0);
});
