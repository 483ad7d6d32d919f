/** The server's time as told by its messages, because a client's own clock may be wrong. */

import type { ServerMessage } from "./live.gen";

export class ServerClock {
  #aheadMs = 0;

  hear(message: ServerMessage, localMs: number): void {
    const told = toldTime(message);
    if (told !== null) this.#aheadMs = Date.parse(told) - localMs;
  }

  now(localMs: number): number {
    return localMs + this.#aheadMs;
  }
}

function toldTime(message: ServerMessage): string | null {
  if ("server_time" in message) return message.server_time;
  return "at" in message ? message.at : null;
}
