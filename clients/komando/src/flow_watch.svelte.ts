/** Whether everything behind the server still moves: else a desk would notice only by an alarm that waits. */

import { connect } from "@cas/shared/api";
import type { Flowing, Standstill } from "@cas/shared/wire";

const LOOK_EVERY_MS = 15_000;
const api = connect(() => null);

export class FlowWatch {
  still = $state.raw<readonly Standstill[]>([]);

  start(): () => void {
    void this.look();
    const timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }

  async look(): Promise<void> {
    try {
      const { data, error } = await api.GET("/v1/health/flow");
      const told = data ?? (error as Flowing | undefined);
      this.still = told?.standing_still ?? [];
    } catch {
      // No answer at all: the banner of the lost connection says so already.
      this.still = [];
    }
  }
}
