/** Pure: what of the picture the map draws, as GeoJSON. Longitude comes first here and nowhere else. */

import type { Feature, FeatureCollection, Point, Polygon } from "geojson";
import type { AlarmView, PersonilView, Place } from "./live.gen";
import type { Picture } from "./picture";
import { active, standing } from "./standing";

export type { FeatureCollection };
export type Bounds = [west: number, south: number, east: number, north: number];

export const noFeatures: FeatureCollection = { type: "FeatureCollection", features: [] };

export function personilFeatures(
  picture: Picture,
  nowMs: number,
  label: (one: PersonilView) => string,
): FeatureCollection<Point> {
  const features: Feature<Point>[] = [];
  for (const one of picture.personil.values()) {
    if (one.position === null) continue;
    features.push({
      type: "Feature",
      geometry: { type: "Point", coordinates: lonLat(one.position) },
      properties: {
        id: one.personil_id,
        standing: standing(one, nowMs),
        label: label(one),
      },
    });
  }
  return { type: "FeatureCollection", features };
}

export const officerLabel = (one: PersonilView, simulated: string): string =>
  `${one.rank} ${one.name}${one.demo ? `\n${simulated}` : ""}`;

/** From everyone who is on the chosen alarm to its place. */
export function responderLines(picture: Picture, alarm: AlarmView | null): FeatureCollection {
  const place = alarm?.where.place ?? null;
  if (alarm === null || place === null) return noFeatures;
  const features: Feature[] = [];
  for (const responder of active(alarm)) {
    const from = picture.personil.get(responder.personil_id)?.position;
    if (!from) continue;
    const coordinates = [lonLat(from), lonLat(place)];
    features.push({
      type: "Feature",
      geometry: { type: "LineString", coordinates },
      properties: {},
    });
  }
  return { type: "FeatureCollection", features };
}

const CORNERS = 48;
export const METRES_PER_DEGREE = 111_195;

/** How far off the place may be, as a ring on the ground. */
export function accuracyRing(place: Place | null): FeatureCollection<Polygon> {
  const drawn = place !== null && place.accuracy_m > 0;
  return { type: "FeatureCollection", features: drawn ? [ring(place, place.accuracy_m)] : [] };
}

/** How far each officer with a position reaches. */
export function reachRings(
  officers: Iterable<PersonilView>,
  reachM: number,
): FeatureCollection<Polygon> {
  const features: Feature<Polygon>[] = [];
  for (const { position } of officers) {
    if (reachM > 0 && position !== null) features.push(ring(position, reachM));
  }
  return { type: "FeatureCollection", features };
}

function ring(place: Place, radiusM: number): Feature<Polygon> {
  const dLat = radiusM / METRES_PER_DEGREE;
  const dLon = dLat / Math.cos((place.lat * Math.PI) / 180);
  const corners = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const turn = (2 * Math.PI * (corner % CORNERS)) / CORNERS;
    return [place.lon + dLon * Math.cos(turn), place.lat + dLat * Math.sin(turn)];
  });
  return {
    type: "Feature",
    geometry: { type: "Polygon", coordinates: [corners] },
    properties: {},
  };
}

/** The label points of Wilayah, which are surer than what a map library finds in a polygon. */
export function labelPoints(wilayah: FeatureCollection, approximate: string): FeatureCollection {
  const features = wilayah.features.flatMap((one): Feature[] => {
    const { name, label, approximate: rough } = one.properties ?? {};
    if (typeof name !== "string" || !Array.isArray(label)) return [];
    return [
      {
        type: "Feature",
        geometry: { type: "Point", coordinates: label },
        properties: { name, rough: rough === true ? approximate : "" },
      },
    ];
  });
  return { type: "FeatureCollection", features };
}

export function isApproximate(wilayah: FeatureCollection): boolean {
  return wilayah.features.some((one) => one.properties?.approximate === true);
}

export interface Named {
  readonly code: string;
  readonly name: string;
  readonly outline: Feature;
}

/** Wilayah by their names; a name may be that of several. */
export function byName(wilayah: FeatureCollection): Named[] {
  const named = wilayah.features.map((outline) => ({
    code: String(outline.properties?.code),
    name: String(outline.properties?.name),
    outline,
  }));
  return named.sort((one, other) => one.name.localeCompare(other.name));
}

export function boundsOf(wilayah: FeatureCollection): Bounds | null {
  const box: Bounds = [180, 90, -180, -90];
  for (const { geometry } of wilayah.features) {
    if ("coordinates" in geometry) widen(box, geometry.coordinates);
  }
  return box[0] <= box[2] ? box : null;
}

function widen(box: Bounds, coordinates: unknown): void {
  if (!Array.isArray(coordinates)) return;
  const [lon, lat] = coordinates;
  if (typeof lon !== "number" || typeof lat !== "number") {
    for (const part of coordinates) widen(box, part);
    return;
  }
  box[0] = Math.min(box[0], lon);
  box[1] = Math.min(box[1], lat);
  box[2] = Math.max(box[2], lon);
  box[3] = Math.max(box[3], lat);
}

export function lonLat(place: Place): [number, number] {
  return [place.lon, place.lat];
}
