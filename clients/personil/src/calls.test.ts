import type { OfferView } from "@cas/shared/wire";
import { expect, test } from "vitest";
import { endings, reported, tasks, waiting } from "./calls";
import { bearing, compassPoint } from "./direction";

const NOW = Date.parse("2026-11-22T03:00:00Z");
const at = (s: number): string => new Date(NOW + s * 1_000).toISOString();
const offer = (id: string, given: Partial<OfferView> = {}): OfferView =>
  ({
    offer_id: id,
    state: "open",
    status: "raised",
    offered_at: at(-5),
    expires_at: at(15),
    closed_at: null,
    my_state: null,
    reported_at: null,
    duress: false,
    officer_in_danger: false,
    ...given,
  }) as OfferView;
const known = (...offers: OfferView[]) => new Map(offers.map((one) => [one.offer_id, one]));

test("an officer in danger is called before what is over sooner, and what is over is not", () => {
  const offers = known(
    offer("later"),
    offer("soon", { expires_at: at(2) }),
    offer("officer", { officer_in_danger: true }),
    offer("over", { expires_at: at(-1) }),
  );

  expect(waiting(offers, NOW).map((one) => one.offer_id)).toEqual(["officer", "soon", "later"]);
});

test("a task ends when it is released or closed", () => {
  const on = offer("on", { state: "accepted", my_state: "en_route" });
  const left = offer("left", { state: "accepted", my_state: "released" });
  const closed = offer("closed", { state: "accepted", my_state: "on_scene", closed_at: at(0) });

  expect(tasks(known(on, left, closed))).toEqual([on]);
});

test("what one has reported is no task any more, and its end no news", () => {
  const task = offer("done", { state: "accepted", my_state: "on_scene" });
  const said = { ...task, reported_at: at(0) };

  expect([tasks(known(said)), reported(known(said))]).toEqual([[], [said]]);
  expect(endings(known(task), known(said), new Set())).toEqual([]);
  expect(endings(known(said), known({ ...said, closed_at: at(9) }), new Set())).toEqual([]);
});

test("what others ended is told, with how; what one ended oneself is not", () => {
  const before = known(offer("stood"), offer("lost"), offer("mine"), offer("taken"), offer("kept"));
  const after = known(
    offer("stood", { state: "stood_down" }),
    offer("mine", { state: "declined" }),
    offer("taken", { state: "accepted", my_state: "accepted" }),
    offer("kept"),
  );
  const over = endings(before, after, new Set(["mine"]));

  expect(over.map(({ offer: { offer_id: id }, how }) => [id, how])).toEqual([
    ["stood", "stood_down"],
    ["lost", "gone"],
  ]);
});

test("directions are said in eight words", () => {
  const here = { lat: -7.15, lon: 111.88 };

  expect(compassPoint(bearing(here, { lat: -7.1, lon: 111.88 }))).toBe(0);
  expect(compassPoint(bearing(here, { lat: -7.15, lon: 111.95 }))).toBe(2);
  expect(compassPoint(bearing(here, { lat: -7.2, lon: 111.83 }))).toBe(5);
  expect(compassPoint(359)).toBe(0);
});
