/** Pure: which way something lies, and in which of eight words that is said. */

import type { Place } from "@cas/shared/wire";

type Spot = Pick<Place, "lat" | "lon">;

const rad = (deg: number): number => (deg * Math.PI) / 180;

/** Degrees from north, clockwise. */
export function bearing(from: Spot, to: Spot): number {
  const turn = rad(to.lon - from.lon);
  const east = Math.sin(turn) * Math.cos(rad(to.lat));
  const north =
    Math.cos(rad(from.lat)) * Math.sin(rad(to.lat)) -
    Math.sin(rad(from.lat)) * Math.cos(rad(to.lat)) * Math.cos(turn);
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/** 0 is north, 1 north-east, and so on clockwise. */
export function compassPoint(deg: number): number {
  return Math.round(deg / 45) % 8;
}

/** For the phone's own navigation: every app that can navigate answers to it. */
export function geoLink({ lat, lon }: Spot): string {
  return `geo:${lat},${lon}?q=${lat},${lon}`;
}

/** Where no app answers to `geo:`, as on an iPhone. */
export function mapsLink({ lat, lon }: Spot): string {
  return `https://www.google.com/maps/dir/?api=1&travelmode=driving&destination=${lat},${lon}`;
}
