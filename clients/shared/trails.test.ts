import { expect, test } from "vitest";
import type { AlarmView, PersonilView } from "./live.gen";
import { nothing, type Picture } from "./picture";
import { follow, noTrails, trailFeatures } from "./trails";

const ALARM = {
  id: "a",
  responders: [
    { personil_id: "budi", state: "en_route" },
    { personil_id: "siti", state: "released" },
  ],
} as unknown as AlarmView;

const seen = (lat: number, alarms: AlarmView[] = [ALARM]): Picture => ({
  ...nothing,
  alarms: new Map(alarms.map((one) => [one.id, one])),
  personil: new Map(
    ["budi", "siti", "joko"].map((id) => [
      id,
      { personil_id: id, position: { lat, lon: 111, accuracy_m: 5 } } as PersonilView,
    ]),
  ),
});

test("who is on an alarm leaves a way behind, and nobody else does", () => {
  const trails = [seen(-7.1), seen(-7.2), seen(-7.3)].reduce(follow, noTrails);

  expect(trailFeatures(trails, ALARM).features.map((one) => one.geometry)).toEqual([
    {
      type: "LineString",
      coordinates: [
        [111, -7.1],
        [111, -7.2],
        [111, -7.3],
      ],
    },
  ]);
  expect(trailFeatures(trails, null).features).toEqual([]);
});

test("standing still adds nothing, and what is over is forgotten", () => {
  const trails = follow(noTrails, seen(-7.1));

  expect(follow(trails, seen(-7.1))).toBe(trails);
  expect(follow(trails, seen(-7.2, [])).size).toBe(0);
});

test("a way has an end: the oldest places go first", () => {
  let trails = noTrails;
  for (let step = 0; step < 700; step += 1) trails = follow(trails, seen(-7 - step / 1_000));
  const way = trails.get("a budi") ?? [];

  expect(way.length).toBe(600);
  expect(way.at(-1)?.lat).toBeCloseTo(-7.699);
});
