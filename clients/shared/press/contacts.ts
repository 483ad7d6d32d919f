/** Police numbers for where the person is: asked while there is a network, kept for when not. */

import { METRES_PER_DEGREE } from "../map_features";
import { dialled } from "../phone_links";
import type { PoliceContact, PoliceContacts } from "../wire";
import type { Position } from "./wallet";

/** What was last heard, and for where. */
export interface KeptContacts extends PoliceContacts {
  readonly lat: number;
  readonly lon: number;
  readonly askedAtMs: number;
}

const ASK_AGAIN_AFTER_MS = 24 * 3_600_000;
/** Half the width of a desa: further on, somebody else may answer for the ground. */
const ASK_AGAIN_AFTER_M = 1_000;

/** True when what is kept may not hold for this position any more. */
export function isDue(kept: KeptContacts | null, at: Position, nowMs: number): boolean {
  if (kept === null) return true;
  const age = nowMs - kept.askedAtMs;
  // A clock that was set back must not keep an old answer for ever.
  if (age < 0 || age > ASK_AGAIN_AFTER_MS) return true;
  const north = (at.lat - kept.lat) * METRES_PER_DEGREE;
  const east = (at.lon - kept.lon) * METRES_PER_DEGREE * Math.cos((at.lat * Math.PI) / 180);
  return Math.hypot(north, east) > ASK_AGAIN_AFTER_M;
}

/** The first who can be sent a text message: telephones on a wire take none. */
export function texted(contacts: readonly PoliceContact[]): PoliceContact | null {
  const satuan = contacts.filter((one) => one.kind !== "bhabinkamtibmas");
  const first = [...satuan, ...contacts].find((one) => isMobile(one.phone));
  return first ?? null;
}

function isMobile(phone: string): boolean {
  return /^(\+62|62|0)8\d{7,11}$/.test(dialled(phone));
}
