/** Pure: where everybody was at one moment of a finished alarm, and the ways they had gone. */

import type { Feature, FeatureCollection } from "geojson";
import type { Place } from "./live.gen";

interface Fix {
  readonly fixed_at: string;
  readonly lat: number;
  readonly lon: number;
}

export interface Way {
  readonly personil_id: string;
  readonly fixes: readonly Fix[];
}

export interface Frame {
  readonly tracks: FeatureCollection;
  readonly moments: FeatureCollection;
}

/** From the press to the closing, or to the last fix, whichever is later. */
export function spanOf(
  raisedAt: string,
  closedAt: string | null,
  ways: readonly Way[],
): [number, number] {
  const from = Date.parse(raisedAt);
  const ends = ways.flatMap((way) => way.fixes.slice(-1).map((fix) => Date.parse(fix.fixed_at)));
  return [from, Math.max(from, closedAt === null ? from : Date.parse(closedAt), ...ends)];
}

export function frameAt(
  atMs: number,
  ways: readonly Way[],
  place: Place | null,
  name: (personilId: string) => string,
): Frame {
  const tracks: Feature[] = [];
  const moments: Feature[] = place === null ? [] : [point([place.lon, place.lat], "", true)];
  for (const way of ways) {
    const gone = goneAt(way.fixes, atMs);
    const here = gone.at(-1);
    if (here === undefined) continue;
    if (gone.length > 1) tracks.push(line(gone));
    moments.push(point(here, name(way.personil_id), false));
  }
  return { tracks: collection(tracks), moments: collection(moments) };
}

/** The fixes up to a moment, and between two of them the point on the straight line. */
function goneAt(fixes: readonly Fix[], atMs: number): [number, number][] {
  const gone: [number, number][] = [];
  for (const [nth, fix] of fixes.entries()) {
    const fixMs = Date.parse(fix.fixed_at);
    if (fixMs <= atMs) {
      gone.push([fix.lon, fix.lat]);
      continue;
    }
    const before = fixes[nth - 1];
    if (before !== undefined) {
      const beforeMs = Date.parse(before.fixed_at);
      const part = (atMs - beforeMs) / (fixMs - beforeMs);
      gone.push([
        before.lon + (fix.lon - before.lon) * part,
        before.lat + (fix.lat - before.lat) * part,
      ]);
    }
    break;
  }
  return gone;
}

const collection = (features: Feature[]): FeatureCollection => ({
  type: "FeatureCollection",
  features,
});

const line = (coordinates: [number, number][]): Feature => ({
  type: "Feature",
  geometry: { type: "LineString", coordinates },
  properties: {},
});

const point = (coordinates: [number, number], label: string, scene: boolean): Feature => ({
  type: "Feature",
  geometry: { type: "Point", coordinates },
  properties: { label, scene },
});
