import { expect, test } from "vitest";
import type { AlarmView, PersonilView } from "./live.gen";
import {
  accuracyRing,
  boundsOf,
  isApproximate,
  labelPoints,
  officerLabel,
  personilFeatures,
  reachRings,
  responderLines,
} from "./map_features";
import { scaleAt } from "./map_scale";
import { STANDINGS, standingSvg } from "./map_symbols";
import { nothing, type Picture } from "./picture";

const NOW = Date.parse("2025-11-22T03:00:00Z");
const PLACE = { lat: -7.15, lon: 111.88, accuracy_m: 50 };

const officer = (given: Partial<PersonilView>): PersonilView =>
  ({
    personil_id: "p",
    name: "Budi",
    rank: "Bripka",
    availability: "available",
    position: PLACE,
    fixed_at: "2025-11-22T02:59:50Z",
    demo: false,
    ...given,
  }) as PersonilView;
const named = (one: PersonilView): string => officerLabel(one, "SIM");
const picture = (one: PersonilView): Picture => ({
  ...nothing,
  personil: new Map([[one.personil_id, one]]),
});

test("Personil are told apart by shape: no two signs are alike when every colour is the same", () => {
  const grey = "#777";
  const palette = {
    good: grey,
    warn: grey,
    danger: grey,
    accent: grey,
    stale: grey,
    land: grey,
    edge: grey,
    label: grey,
    halo: grey,
  };

  expect(new Set(STANDINGS.map((which) => standingSvg(which, palette))).size).toBe(4);
});

test("a Personil without a position is not on the map, a stale one says so", () => {
  const stale = officer({ fixed_at: "2025-11-22T02:00:00Z" });

  expect(personilFeatures(picture(officer({ position: null })), NOW, named).features).toEqual([]);
  expect(personilFeatures(picture(stale), NOW, named).features[0]?.properties).toMatchObject({
    standing: "stale",
  });
});

test("a simulated Personil carries the word", () => {
  expect(officerLabel(officer({ demo: true }), "SIMULASI")).toBe("Bripka Budi\nSIMULASI");
});

test("lines lead from whoever is still on the alarm to its place", () => {
  const alarm = {
    where: { place: { ...PLACE, lat: -7.2 } },
    responders: [
      { personil_id: "p", state: "en_route" },
      { personil_id: "gone", state: "released" },
    ],
  } as AlarmView;

  const { features } = responderLines(picture(officer({})), alarm);

  expect(features.map((line) => line.geometry)).toEqual([
    {
      type: "LineString",
      coordinates: [
        [111.88, -7.15],
        [111.88, -7.2],
      ],
    },
  ]);
});

test("the ring around a place is as wide as the place may be off", () => {
  const bounds = boundsOf(accuracyRing({ ...PLACE, accuracy_m: 1_000 }));

  expect(((bounds?.[3] ?? 0) - (bounds?.[1] ?? 0)) * 111_195).toBeCloseTo(2_000, 0);
  expect(accuracyRing({ ...PLACE, accuracy_m: 0 }).features).toEqual([]);
});

test("an approximate outline says so beside its name", () => {
  const wilayah = {
    type: "FeatureCollection" as const,
    features: [
      {
        type: "Feature" as const,
        geometry: { type: "Polygon" as const, coordinates: [] },
        properties: { name: "Dander", label: [111.85, -7.2], approximate: true },
      },
    ],
  };

  expect(isApproximate(wilayah)).toBe(true);
  expect(labelPoints(wilayah, "batas perkiraan").features[0]?.properties).toEqual({
    name: "Dander",
    rough: "batas perkiraan",
  });
});

test("reach is drawn around each officer with a position, and not at all without a reach", () => {
  const crew = [officer({}), officer({ position: null })];

  expect(reachRings(crew, 1_000).features).toHaveLength(1);
  expect(reachRings(crew, 0).features).toEqual([]);
});

test.each([
  [9, 10_000],
  [12, 1_000],
  [16, 100],
  [19, 10],
])("the scale at zoom %i is the longest round distance below 100 pixels", (zoom, metres) => {
  const scale = scaleAt(-7.15, zoom);
  // What the same distance is on the ground, by the world's circumference there.
  const perPixel = (40_075_017 * Math.cos((7.15 * Math.PI) / 180)) / 512 / 2 ** zoom;

  expect(scale.metres).toBe(metres);
  expect(scale.widthPx).toBeCloseTo(metres / perPixel, 1);
  expect(scale.widthPx).toBeLessThanOrEqual(100);
});
