/** Pure questions about alarms and Personil that every screen asks the same way. */

import type { AlarmView, Availability, PersonilView, Place, ResponderLine } from "./live.gen";

/** A position older than this is shown as stale, and its Personil is not chosen first. */
export const STALE_FIX_MS = 120_000;

export type Standing = Availability | "stale";

export function standing(one: PersonilView, nowMs: number): Standing {
  if (one.fixed_at === null) return "stale";
  return nowMs - Date.parse(one.fixed_at) > STALE_FIX_MS ? "stale" : one.availability;
}

export function active(alarm: AlarmView): ResponderLine[] {
  return alarm.responders.filter((one) => one.state !== "released");
}

export type Urgency = "duress" | "unanswered" | "ringing" | "waiting" | "handled" | "cancelled";

export function urgency(alarm: AlarmView): Urgency {
  if (alarm.cancelled?.duress) return "duress";
  if (alarm.cancelled !== null) return alarm.ringing ? "ringing" : "cancelled";
  if (alarm.unanswered_at !== null && alarm.ringing) return "unanswered";
  if (alarm.ringing) return "ringing";
  if (alarm.merged_into !== null) return "handled";
  return active(alarm).length === 0 ? "waiting" : "handled";
}

const RANK: Readonly<Record<Urgency, number>> = {
  duress: 0,
  unanswered: 1,
  ringing: 1,
  waiting: 2,
  handled: 3,
  cancelled: 4,
};

/** Duress is never put behind: the account it comes from has proved itself by then. */
const doubt = (alarm: AlarmView): number => (alarm.cancelled?.duress ? 0 : alarm.suspicion.level);

/** Pressed by a Personil, who does so only when it is worst. */
const officerInDanger = (alarm: AlarmView): boolean => alarm.reporter.role === "personil";

/** An officer in danger first. Then ringing, then those nobody is on; within each the least
 * doubtful, of those the oldest. What is merged stands with the one that leads, not here. */
export function queue(alarms: Iterable<AlarmView>): AlarmView[] {
  const leading = [...alarms].filter((alarm) => alarm.merged_into === null || alarm.ringing);
  return leading.sort(
    (a, b) =>
      Number(officerInDanger(b)) - Number(officerInDanger(a)) ||
      Number(b.ringing) - Number(a.ringing) ||
      RANK[urgency(a)] - RANK[urgency(b)] ||
      doubt(a) - doubt(b) ||
      Date.parse(a.raised_at) - Date.parse(b.raised_at),
  );
}

const EARTH_M = 6_371_008;
const rad = (deg: number): number => (deg * Math.PI) / 180;

/** Straight line on a sphere: good for a list, never for deciding. */
export function metresBetween(a: Place, b: Place): number {
  const dLat = rad(b.lat - a.lat);
  const dLon = rad(b.lon - a.lon);
  const h =
    Math.sin(dLat / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(h));
}
