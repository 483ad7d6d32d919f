import type { AlarmView } from "@cas/shared/wire";
import { expect, test } from "vitest";
import { leader, twins } from "./duplicates";

const START = Date.parse("2025-11-22T03:00:00Z");
const M_PER_DEGREE = 111_195;

function alarm(id: string, north: number | null, afterS: number, more = {}): AlarmView {
  const place = north === null ? null : { lat: -7 + north / M_PER_DEGREE, lon: 112, accuracy_m: 5 };
  return {
    id,
    raised_at: new Date(START + afterS * 1_000).toISOString(),
    where: { place },
    merged_into: null,
    cancelled: null,
    reporter: { role: "masyarakat" },
    responders: [],
    ...more,
  } as unknown as AlarmView;
}

test("near in place and time is proposed first, and nothing that is merged already", () => {
  const here = alarm("here", 0, 0);
  const found = twins(here, [
    here,
    alarm("long ago", 50, -1_000),
    alarm("far", 900, 10),
    alarm("near", 80, 20),
    alarm("nowhere", null, 5),
    alarm("merged", 10, 5, { merged_into: { alarm_id: "near", number: 2 } }),
  ]);

  expect(found.map((twin) => [twin.alarm.id, twin.likely])).toEqual([
    ["near", true],
    ["long ago", false],
    ["far", false],
    ["nowhere", false],
  ]);
});

test("the one that officers are on leads, else the earlier; who is in danger themselves always", () => {
  const early = alarm("early", 0, 0);
  const manned = alarm("manned", 0, 60, { responders: [{ state: "en_route" }] });
  const officer = alarm("officer", 0, 90, { reporter: { role: "personil" } });

  expect(leader(early, alarm("late", 0, 30)).id).toBe("early");
  expect(leader(early, manned).id).toBe("manned");
  expect(leader(manned, officer).id).toBe("officer");
  expect(leader(alarm("nowhere", null, 0), alarm("known", 0, 9)).id).toBe("known");
});
