/** Pure: the ways of those who are on an open alarm, as far as this page has seen them go. */

import type { AlarmView, Place } from "./live.gen";
import type { FeatureCollection } from "./map_features";
import { lonLat } from "./map_features";
import type { Picture } from "./picture";
import { active } from "./standing";

/** By the alarm and the Personil on it. */
export type Trails = ReadonlyMap<string, readonly Place[]>;

export const noTrails: Trails = new Map();
/** An hour, at a position every six seconds. */
const MOST_PLACES = 600;
const name = (alarmId: string, personilId: string): string => `${alarmId} ${personilId}`;

/** The same trails again where nobody of them has moved. What ended is forgotten. */
export function follow(trails: Trails, picture: Picture): Trails {
  const next = new Map<string, readonly Place[]>();
  let moved = false;
  for (const alarm of picture.alarms.values()) {
    for (const { personil_id: id } of active(alarm)) {
      const known = trails.get(name(alarm.id, id)) ?? [];
      const at = picture.personil.get(id)?.position ?? null;
      const stands = at === null || isSame(known.at(-1), at);
      moved ||= !stands;
      next.set(name(alarm.id, id), stands ? known : [...known.slice(1 - MOST_PLACES), at]);
    }
  }
  return moved || next.size !== trails.size ? next : trails;
}

export function trailFeatures(trails: Trails, alarm: AlarmView | null): FeatureCollection {
  const crew = alarm === null ? [] : active(alarm);
  const ways = crew.map((one) => trails.get(name(alarm?.id ?? "", one.personil_id)) ?? []);
  return {
    type: "FeatureCollection",
    features: ways
      .filter((way) => way.length > 1)
      .map((way) => ({
        type: "Feature",
        geometry: { type: "LineString", coordinates: way.map(lonLat) },
        properties: {},
      })),
  };
}

const isSame = (last: Place | undefined, at: Place): boolean =>
  last?.lat === at.lat && last.lon === at.lon;
