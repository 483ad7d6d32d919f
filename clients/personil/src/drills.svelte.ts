/** Drills that this officer is told of: beside the calls, and never one of them. */

import type { ServerMessage } from "@cas/shared/live.gen";
import type { DrillCall } from "@cas/shared/wire";
import type { Orders } from "./acts";

export class Drills {
  readonly #orders: Orders;
  calls = $state.raw<readonly DrillCall[]>([]);

  constructor(orders: Orders) {
    this.#orders = orders;
  }

  hear(message: ServerMessage): void {
    if (message.type !== "drill.changed" && message.type !== "personil.snapshot") return;
    // What could not be read is read at the next connection; nothing depends on it.
    void this.#orders.drills().then(
      (calls) => this.changed(calls),
      () => undefined,
    );
  }

  changed(calls: readonly DrillCall[]): void {
    this.calls = calls;
  }

  /** The newest that is not over. */
  now(nowMs: number): DrillCall | null {
    return this.calls.find((one) => Date.parse(one.over_at) > nowMs) ?? null;
  }
}
