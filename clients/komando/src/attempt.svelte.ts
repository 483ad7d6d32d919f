/** One part of a sheet that asks the server: busy, what it said, why it said no. */

import { t } from "@cas/shared/language";
import { explain } from "@cas/shared/text";

export class Attempt {
  busy = $state(false);
  told = $state<string | null>(null);
  fault = $state<string | null>(null);

  /** Carry out; what `act` returns is told. True when it went well. */
  async run(act: () => Promise<string | null>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.told = null;
    this.fault = null;
    try {
      this.told = await act();
      return true;
    } catch (problem) {
      this.fault = explain(problem, t.problem);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
