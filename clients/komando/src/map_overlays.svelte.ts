/** Lays over the map what the desk has switched on; called while a component is being made. */

import type { AlarmMap } from "@cas/shared/alarm_map";
import { type FeatureCollection, noFeatures, reachRings } from "@cas/shared/map_features";
import { trailFeatures } from "@cas/shared/trails";
import type { Heat } from "@cas/shared/wire";
import type { Desk } from "./desk.svelte";

export function overlays(desk: Desk, drawn: () => AlarmMap | undefined): void {
  const { layer, past } = desk;
  $effect(() => {
    drawn()?.lay("heat", heatFeatures(past.heat));
  });
  $effect(() => {
    drawn()?.lay("reach", reachRings(desk.officersShown.values(), layer.reachM));
  });
  $effect(() => {
    const { frame } = past;
    drawn()?.lay("tracks", frame?.tracks ?? trailFeatures(desk.trails, desk.chosen));
    drawn()?.lay("moments", frame?.moments ?? noFeatures);
  });
  $effect(() => {
    const { replay } = past;
    if (replay !== null) drawn()?.bring(everywhere(replay.ways, replay.alarm.where.place));
  });
  let followedAt = "";
  $effect(() => {
    const followed = desk.officer(layer.followedId);
    const place = followed?.position ?? null;
    const at = place === null ? "" : `${followed?.personil_id} ${place.lat} ${place.lon}`;
    if (place !== null && at !== followedAt) drawn()?.centre(place);
    followedAt = at;
  });
}

interface Point {
  readonly lat: number;
  readonly lon: number;
}

function everywhere(
  ways: readonly { fixes: readonly Point[] }[],
  place: Point | null,
): FeatureCollection {
  const points = [...ways.flatMap((way) => way.fixes), ...(place === null ? [] : [place])];
  return {
    type: "FeatureCollection",
    features: points.map(({ lat, lon }) => pointAt(lat, lon, {})),
  };
}

function heatFeatures(heat: Heat | null): FeatureCollection {
  const points = heat?.points ?? [];
  return {
    type: "FeatureCollection",
    features: points.map(({ lat, lon, alarms }) => pointAt(lat, lon, { alarms })),
  };
}

const pointAt = (
  lat: number,
  lon: number,
  properties: object,
): FeatureCollection["features"][number] => ({
  type: "Feature",
  geometry: { type: "Point", coordinates: [lon, lat] },
  properties: { ...properties },
});
