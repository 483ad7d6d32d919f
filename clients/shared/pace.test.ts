import { expect, test } from "vitest";
import type { AlarmView } from "./live.gen";
import { pace, stand } from "./pace";

const NOW = Date.parse("2025-11-22T03:00:00Z");
const ago = (s: number): string => new Date(NOW - s * 1_000).toISOString();

const alarm = (given: object): AlarmView =>
  ({
    raised_at: ago(600),
    ringing: false,
    cancelled: null,
    unanswered_at: null,
    merged_into: null,
    responders: [],
    offers: [],
    suspicion: { level: 0, reasons: [] },
    ...given,
  }) as unknown as AlarmView;
const crew = (given: object) => ({
  personil_id: "a",
  state: "accepted",
  accepted_at: ago(500),
  en_route_at: null,
  on_scene_at: null,
  released_at: null,
  ...given,
});
const asked = (given: object) => ({
  personil_id: "a",
  ring: 1,
  offered_at: ago(40),
  expires_at: ago(20),
  distance_m: 1_000,
  ...given,
});

test("an alarm that nobody has acknowledged is amber after 15 s and red after 30 s", () => {
  const since = (s: number) => pace(alarm({ ringing: true, raised_at: ago(s) }), NOW);

  expect([since(14), since(15), since(30)]).toEqual(["calm", "late", "overdue"]);
});

test("one that nobody is on turns amber with the end of its own first ring", () => {
  const offers = [asked({ offered_at: ago(50), expires_at: ago(0) })];
  const since = (s: number) => pace(alarm({ offers, raised_at: ago(s) }), NOW);

  expect([since(49), since(50), since(150)]).toEqual(["calm", "late", "overdue"]);
});

test("whoever drives has as long as the way is, and no less than five minutes", () => {
  const near = alarm({
    offers: [asked({})],
    responders: [crew({ state: "en_route", en_route_at: ago(301) })],
  });
  const far = alarm({
    offers: [asked({ distance_m: 10_000 })],
    responders: [crew({ state: "en_route", en_route_at: ago(301) })],
  });

  expect(pace(near, NOW)).toBe("late");
  expect(pace(far, NOW)).toBe("calm");
});

test("the time counts anew when the last of the crew has left", () => {
  const left = alarm({ responders: [crew({ state: "released", released_at: ago(5) })] });

  expect(NOW - stand(left).sinceMs).toBe(5_000);
});

test("duress and an alarm nobody came to are red at once", () => {
  const forced = alarm({ cancelled: { at: ago(0), reason: "", duress: true } });
  const unanswered = alarm({ ringing: true, unanswered_at: ago(0) });

  expect([pace(forced, NOW), pace(unanswered, NOW)]).toEqual(["overdue", "overdue"]);
});
