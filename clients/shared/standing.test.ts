import { expect, test } from "vitest";
import type { AlarmView, PersonilView } from "./live.gen";
import { metresBetween, queue, standing, urgency } from "./standing";

const NOW = Date.parse("2025-11-22T03:00:00Z");
const ago = (s: number): string => new Date(NOW - s * 1_000).toISOString();

const alarm = (given: Partial<AlarmView>): AlarmView =>
  ({
    ringing: false,
    reporter: { role: "masyarakat" },
    cancelled: null,
    unanswered_at: null,
    merged_into: null,
    responders: [],
    suspicion: { level: 0, reasons: [] },
    ...given,
  }) as AlarmView;
const officer = (fixedAt: string | null): PersonilView =>
  ({ availability: "busy", fixed_at: fixedAt }) as PersonilView;
const onIt = [{ state: "en_route" }] as AlarmView["responders"];

test("a Personil is stale once the position is older than 120 s, whatever they said of themselves", () => {
  expect(standing(officer(ago(120)), NOW)).toBe("busy");
  expect(standing(officer(ago(121)), NOW)).toBe("stale");
  expect(standing(officer(null), NOW)).toBe("stale");
});

test("ringing alarms come first, then those nobody is on, the oldest of each at the top", () => {
  const sorted = queue([
    alarm({ id: "handled", raised_at: ago(900), responders: onIt }),
    alarm({ id: "young", raised_at: ago(5), ringing: true }),
    alarm({ id: "waiting", raised_at: ago(60) }),
    alarm({ id: "old", raised_at: ago(50), ringing: true }),
  ]);

  expect(sorted.map((one) => one.id)).toEqual(["old", "young", "waiting", "handled"]);
});

test("a merged alarm stands with the one that leads, and calls for nobody by itself", () => {
  const merged = { alarm_id: "lead", number: 1 };
  const lead = alarm({ id: "lead", raised_at: ago(60) });
  const under = alarm({ id: "under", raised_at: ago(30), merged_into: merged });

  expect(queue([under, lead]).map((one) => one.id)).toEqual(["lead"]);
  expect(urgency(under)).toBe("handled");
});

test("an officer in danger stands before everything else, also when somebody is on it", () => {
  const reporter = { role: "personil" } as AlarmView["reporter"];
  const sorted = queue([
    alarm({ id: "ringing", raised_at: ago(90), ringing: true }),
    alarm({ id: "officer", raised_at: ago(3), responders: onIt, reporter }),
  ]);

  expect(sorted.map((one) => one.id)).toEqual(["officer", "ringing"]);
});

test("of two that ring, the one without proof stands lower, however old it is", () => {
  const unverified = { level: 1 as const, reasons: ["unverified" as const] };
  const sorted = queue([
    alarm({ id: "unverified", raised_at: ago(90), ringing: true, suspicion: unverified }),
    alarm({ id: "verified", raised_at: ago(3), ringing: true }),
    alarm({ id: "waiting", raised_at: ago(500) }),
  ]);

  expect(sorted.map((one) => one.id)).toEqual(["verified", "unverified", "waiting"]);
});

test("an alarm cancelled under duress is the most urgent of all", () => {
  const cancelled = { at: ago(1), reason: "Sudah aman", duress: true };
  const sorted = queue([
    alarm({ id: "old", raised_at: ago(500), ringing: true }),
    alarm({ id: "duress", raised_at: ago(10), ringing: true, cancelled }),
  ]);

  expect(sorted[0]?.id).toBe("duress");
});

test("a responder who was released no longer counts as being on it", () => {
  const released = [{ state: "released" }] as AlarmView["responders"];

  expect(urgency(alarm({ responders: released }))).toBe("waiting");
  expect(urgency(alarm({ responders: onIt }))).toBe("handled");
});

test("a degree of latitude is about 111 km", () => {
  const from = { lat: -7, lon: 111.9, accuracy_m: 0 };

  expect(metresBetween(from, { ...from, lat: -8 })).toBeCloseTo(111_195, -2);
});
