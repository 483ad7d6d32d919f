/** Pure: which calls wait for an answer, which are one's tasks, and how those ended that were. */

import type { OfferView } from "@cas/shared/wire";

type Known = ReadonlyMap<string, OfferView>;

type How = "stood_down" | "expired" | "closed" | "released" | "gone";

export interface Ending {
  readonly offer: OfferView;
  readonly how: How;
}

const isOpen = (offer: OfferView): boolean =>
  offer.state === "open" && offer.closed_at === null && offer.status !== "cancelled";

const isMine = (offer: OfferView): boolean =>
  offer.state === "accepted" &&
  offer.my_state !== null &&
  offer.my_state !== "released" &&
  offer.closed_at === null;

/** Whoever has reported is free: the desk has the rest. */
const isTask = (offer: OfferView): boolean => isMine(offer) && offer.reported_at === null;

/** The most urgent first: an officer in danger, then duress, then what is over soonest. */
export function waiting(offers: Known, nowMs: number): OfferView[] {
  return [...offers.values()]
    .filter((offer) => isOpen(offer) && Date.parse(offer.expires_at) > nowMs)
    .sort(
      (a, b) =>
        Number(b.officer_in_danger) - Number(a.officer_in_danger) ||
        Number(b.duress) - Number(a.duress) ||
        Date.parse(a.expires_at) - Date.parse(b.expires_at),
    );
}

/** The newest first: an earlier alarm gives way to it. */
export function tasks(offers: Known): OfferView[] {
  const mine = [...offers.values()].filter(isTask);
  return mine.sort((a, b) => Date.parse(b.offered_at) - Date.parse(a.offered_at));
}

/** Reported by oneself, and not closed yet. */
export function reported(offers: Known): OfferView[] {
  return [...offers.values()].filter((offer) => isMine(offer) && offer.reported_at !== null);
}

/** What was waiting or a task before, and is over now by somebody else's doing. */
export function endings(before: Known, after: Known, own: ReadonlySet<string>): Ending[] {
  const over: Ending[] = [];
  for (const [id, was] of before) {
    if (own.has(id) || !(isOpen(was) || isTask(was))) continue;
    const now = after.get(id);
    const how = now === undefined ? "gone" : howItEnded(now);
    if (how !== null) over.push({ offer: now ?? was, how });
  }
  return over;
}

function howItEnded(now: OfferView): How | null {
  if (isOpen(now) || isMine(now)) return null;
  if (now.closed_at !== null) return "closed";
  if (now.my_state === "released") return "released";
  if (now.state === "expired") return "expired";
  // Declined on another phone of the same officer: they know.
  return now.state === "declined" ? null : "stood_down";
}
