/** Devices of Personil that wait for this desk's word: looked for now and then, decided here. */

import { connect, ok } from "@cas/shared/api";
import type { WaitingDevice } from "@cas/shared/wire";
import { heldToken } from "./credential";

const LOOK_EVERY_MS = 20_000;
const api = connect(heldToken);

export type Word = "confirmation" | "refusal";

export class Waiting {
  devices = $state.raw<readonly WaitingDevice[]>([]);

  start(): () => void {
    const look = (): void => void this.look().catch(() => undefined);
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }

  /** What could not be read stays as it was: the next look is soon. */
  async look(): Promise<void> {
    this.devices = await ok(api.GET("/v1/device-confirmations"));
  }

  async decide(id: string, word: Word): Promise<void> {
    const params = { path: { confirmation_id: id } };
    try {
      await (word === "confirmation"
        ? ok(api.POST("/v1/device-confirmations/{confirmation_id}/confirmation", { params }))
        : ok(api.POST("/v1/device-confirmations/{confirmation_id}/refusal", { params })));
    } finally {
      // Also after a no: somebody else may have decided meanwhile.
      await this.look().catch(() => undefined);
    }
  }
}
