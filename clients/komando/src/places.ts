/** Coordinates as people say and copy them. */

import type { Place } from "@cas/shared/wire";

const PAIR = /^\s*(-?\d{1,3}(?:[.,]\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:[.,]\d+)?)\s*$/;
const AS_READ_OUT_M = 10;

/** Latitude first, with point or comma; null when the text is something else. */
export function coordinates(text: string): Place | null {
  const [, first, second] = PAIR.exec(text) ?? [];
  if (first === undefined || second === undefined) return null;
  const [lat, lon] = [first, second].map((part) => Number(part.replace(",", ".")));
  if (lat === undefined || lon === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 180)
    return null;
  return { lat, lon, accuracy_m: AS_READ_OUT_M };
}
