/** Pure: which open alarms are buttons on the map, and which are only drawn there. */

import type { FeatureCollection } from "geojson";
import type { AlarmView } from "./live.gen";
import { lonLat } from "./map_features";
import { queue, urgency } from "./standing";

/** The browser moves each button by itself with every frame: three hundred cost it several times what
 * the map does. Beyond these an alarm is drawn by the map, and found by a click or in the queue. */
export const BUTTONS_AT_MOST = 40;

export interface Crowd {
  readonly buttons: readonly AlarmView[];
  readonly drawn: readonly AlarmView[];
}

/** The first of the queue and the chosen one are buttons; what has no place is neither. */
export function crowd(alarms: Iterable<AlarmView>, chosenId: string | null): Crowd {
  const all = [...alarms].filter((alarm) => alarm.where.place !== null);
  if (all.length <= BUTTONS_AT_MOST) return { buttons: all, drawn: [] };
  const queued = queue(all);
  // Merged alarms stand behind: the queue leaves them out, the map does not.
  const order = [...queued, ...all.filter((alarm) => !queued.includes(alarm))];
  const isButton = (alarm: AlarmView, at: number): boolean =>
    at < BUTTONS_AT_MOST || alarm.id === chosenId;
  return {
    buttons: order.filter(isButton),
    drawn: order.filter((alarm, at) => !isButton(alarm, at)),
  };
}

/** In their order: what is drawn later lies above, so the most urgent come last. */
export function alarmFeatures(drawn: readonly AlarmView[]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: drawn
      .flatMap((alarm) => {
        const { id, kind, number } = alarm;
        const { place } = alarm.where;
        if (place === null) return [];
        const sign = `${urgency(alarm)} ${kind}`;
        return [
          {
            type: "Feature" as const,
            geometry: { type: "Point" as const, coordinates: lonLat(place) },
            properties: { id, sign, number: String(number) },
          },
        ];
      })
      .reverse(),
  };
}
