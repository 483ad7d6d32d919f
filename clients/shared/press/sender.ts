/** Sends one press until the server has it: the same id again and again, at once when woken. */

import { Problem } from "../api";
import type { PressReceipt } from "../wire";
import type { Press, Wallet } from "./wallet";

const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 5_000;
/** Whatever a try hangs in, the next one starts: longer than the request's own limit. */
const TRY_LIMIT_MS = 12_000;

export interface SenderEvents {
  readonly onReceipt: (receipt: PressReceipt, press: Press) => void;
  /** A try failed; `tries` counts them from one. */
  readonly onFailure: (tries: number, fault: unknown) => void;
}

export type Put = (press: Press) => Promise<PressReceipt>;

export class Sender {
  readonly #wallet: Wallet;
  readonly #put: Put;
  readonly #events: SenderEvents;
  #tries = 0;
  #sending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(wallet: Wallet, put: Put, events: SenderEvents) {
    this.#wallet = wallet;
    this.#put = put;
    this.#events = events;
  }

  /** Kept first, sent second: a page that dies in between sends it when it is opened again. */
  press(press: Press): void {
    this.#wallet.press = press;
    this.#tries = 0;
    this.wake();
  }

  /** Try now whatever is kept: at start, when the network returns, when the page is seen again. */
  wake(): void {
    clearTimeout(this.#timer);
    if (!this.#sending) void this.#send();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    const press = this.#wallet.press;
    if (press === null) return;
    this.#sending = true;
    try {
      const receipt = await this.#within(TRY_LIMIT_MS, this.#put(press));
      this.#wallet.followed = receipt.alarm_id;
      this.#wallet.press = null;
      this.#events.onReceipt(receipt, press);
    } catch (fault) {
      this.#tries += 1;
      const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.#tries - 1));
      this.#timer = setTimeout(() => this.wake(), delay);
      this.#events.onFailure(this.#tries, fault);
    } finally {
      this.#sending = false;
    }
  }

  async #within<T>(limitMs: number, work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, failed) => {
      timer = setTimeout(() => failed(new Problem("unreachable", 0)), limitMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
