import { expect, test } from "vitest";
import { frameAt, spanOf } from "./replay";

const START = Date.parse("2025-11-22T03:00:00Z");
const at = (s: number): string => new Date(START + s * 1_000).toISOString();
const WAY = {
  personil_id: "p",
  fixes: [
    { fixed_at: at(10), lat: -7, lon: 111 },
    { fixed_at: at(20), lat: -7.2, lon: 111.2 },
  ],
};
const name = (id: string): string => `Bripka ${id}`;

test("nobody is on the map before their first fix, and between two they are on the way", () => {
  const early = frameAt(START, [WAY], null, name);
  const midway = frameAt(START + 15_000, [WAY], null, name);

  expect(early.moments.features).toEqual([]);
  const [here] = midway.moments.features;
  expect(here?.properties).toEqual({ label: "Bripka p", scene: false });
  expect(JSON.stringify(here?.geometry)).toContain("[111.1,-7.1]");
  expect(midway.tracks.features).toHaveLength(1);
});

test("after the last fix they stay where it was", () => {
  const { moments } = frameAt(START + 99_000, [WAY], { lat: -7, lon: 111, accuracy_m: 5 }, name);

  expect(moments.features.map((one) => one.properties?.scene)).toEqual([true, false]);
  expect(JSON.stringify(moments.features[1]?.geometry)).toContain("[111.2,-7.2]");
});

test("a replay lasts from the press to the closing or to the last fix", () => {
  expect(spanOf(at(0), at(5), [WAY])).toEqual([START, START + 20_000]);
  expect(spanOf(at(0), at(60), [WAY])).toEqual([START, START + 60_000]);
  expect(spanOf(at(0), null, [])).toEqual([START, START]);
});
