/** Pure: positions that wait for the network, never more than the server takes at once. */

import type { Fix } from "@cas/shared/live.gen";

export type KeptFix = Omit<Fix, "type">;

export const MOST_FIXES = 1_000;

/** From here on the server calls a position old, and whoever it is of is called last. */
const STALE_AFTER_MS = 120_000;

/** How old a position is that is too old, by the phone's own clock; null while it is fresh. */
export function staleMs(fix: KeptFix | null, nowMs: number): number | null {
  const ageMs = fix === null ? 0 : nowMs - Date.parse(fix.fixed_at);
  return ageMs > STALE_AFTER_MS ? ageMs : null;
}

/** Full, every second fix goes, the newest stays: the way stays whole and gets coarser. */
export function withFix(kept: readonly KeptFix[], fix: KeptFix): KeptFix[] {
  const all = [...kept, fix];
  if (all.length <= MOST_FIXES) return all;
  return all.filter((_, nth) => (all.length - 1 - nth) % 2 === 0);
}

/** What is still to be sent after the server has taken `sent`. */
export function without(kept: readonly KeptFix[], sent: readonly KeptFix[]): KeptFix[] {
  const times = new Set(sent.map((fix) => fix.fixed_at));
  return kept.filter((fix) => !times.has(fix.fixed_at));
}
