import fc from "fast-check";
import { expect, test } from "vitest";
import type { AlarmView, OwnAlarmView, PersonilView, ServerMessage } from "./live.gen";
import { apply, nothing, type Picture } from "./picture";

const AT = "2025-11-22T03:00:00Z";
const BY = { account_id: "s", name: "Siti", at: AT };

function alarm(id: string, version: number, closed = false): AlarmView {
  return {
    id,
    number: 1,
    version,
    status: closed ? "resolved" : "raised",
    kind: "crime",
    silent: false,
    demo: true,
    note: null,
    battery_percent: null,
    raised_at: AT,
    pressed_at: null,
    verification: "verified",
    late_s: null,
    clock_off_s: null,
    suspicion: { level: 0, reasons: [] },
    call_held: false,
    folded: 0,
    pictures: [],
    sounds: [],
    network: null,
    reporter: { account_id: null, role: "masyarakat", name: "Wati", phone: null, channel: "app" },
    where: { place: null, source: "none", at: null, wilayah_code: null, wilayah_name: null },
    site: null,
    satuan_id: "s",
    satuan_name: "Polsek Dander",
    satuan_path: "a.b",
    also_seen_by: [],
    bhabinkamtibmas: null,
    ring: 1,
    ringing: !closed,
    acknowledged: null,
    unanswered_at: null,
    merged_into: null,
    handed_over: null,
    cancelled: null,
    closed: closed ? { by: BY, disposition: "genuine", note: "" } : null,
    offers: [],
    responders: [],
    escalations: [],
  };
}

function officer(id: string, fixedAtS: number): PersonilView {
  return {
    personil_id: id,
    name: id,
    rank: "Bripda",
    satuan_id: "s",
    satuan_path: "a.b",
    satuan_name: "Polsek Dander",
    skills: [],
    availability: "available",
    alarm_id: null,
    position: { lat: -7.15, lon: 111.88, accuracy_m: 5 },
    speed_mps: null,
    heading_deg: null,
    battery_percent: null,
    fixed_at: new Date(fixedAtS * 1_000).toISOString(),
    mock: false,
    demo: true,
  };
}

const welcome: ServerMessage = {
  type: "welcome",
  server_time: AT,
  account_id: "a",
  role: "operator",
  name: "Siti",
};
const raised = (id: string, version: number): ServerMessage => ({
  type: "alarm.changed",
  alarm: alarm(id, version),
});
const closed = (id: string, version: number): ServerMessage => ({
  type: "alarm.changed",
  alarm: alarm(id, version, true),
});
const snapshotOf = (alarms: AlarmView[], personil: PersonilView[] = []): ServerMessage => ({
  type: "desk.snapshot",
  at: AT,
  alarms,
  personil,
});
const after = (messages: readonly ServerMessage[], from: Picture = nothing): Picture =>
  messages.reduce(apply, from);

/** What happened at the server, and the messages and picture it would send at each moment. */
class World {
  readonly alarms = new Map<string, AlarmView>();
  readonly personil = new Map<string, PersonilView>();
  #second = 0;

  happen(event: { kind: "change" | "close" | "move" | "leave"; who: number }): ServerMessage {
    const id = `${event.kind === "move" || event.kind === "leave" ? "p" : "a"}${event.who}`;
    this.#second += 1;
    switch (event.kind) {
      case "change":
      case "close":
        return this.#change(id, event.kind === "close");
      case "move": {
        const one = officer(id, this.#second);
        this.personil.set(id, one);
        return { type: "personil.moved", personil: [one] };
      }
      case "leave":
        this.personil.delete(id);
        return { type: "personil.left", personil_ids: [id] };
    }
  }

  snapshot(): ServerMessage {
    const open = [...this.alarms.values()].filter((one) => one.closed === null);
    return snapshotOf(open, [...this.personil.values()]);
  }

  #change(id: string, close: boolean): ServerMessage {
    const known = this.alarms.get(id);
    // What is closed stays closed.
    const over = known?.closed !== null && known !== undefined;
    const next = over ? known : alarm(id, (known?.version ?? 0) + 1, close);
    this.alarms.set(id, next);
    return { type: "alarm.changed", alarm: next };
  }
}

const happenings = fc.array(
  fc.record({
    kind: fc.constantFrom("change", "change", "move", "close", "leave"),
    who: fc.nat({ max: 4 }),
  }),
  { maxLength: 40 },
);

function sees(picture: Picture): unknown {
  const sorted = <T>(known: ReadonlyMap<string, T>): [string, T][] =>
    [...known].sort(([a], [b]) => a.localeCompare(b));
  return { alarms: sorted(picture.alarms), personil: sorted(picture.personil) };
}

test("an old snapshot and the messages since show what a fresh snapshot shows", () => {
  fc.assert(
    fc.property(happenings, happenings, (before, since) => {
      const world = new World();
      for (const event of before) world.happen(event);
      const old = after([welcome, world.snapshot()]);
      const messages = since.map((event) => world.happen(event));

      const kept = after(messages, old);

      expect(sees(kept)).toEqual(sees(after([welcome, world.snapshot()])));
    }),
  );
});

test("a snapshot read before some of the messages that precede it undoes none of them", () => {
  fc.assert(
    fc.property(happenings, happenings, happenings, (missed, before, overlap) => {
      const world = new World();
      // Seen on an earlier connection, then something was missed.
      const stale = after([welcome, ...before.map((event) => world.happen(event))]);
      for (const event of missed) world.happen(event);
      const read = world.snapshot();
      const messages = overlap.map((event) => world.happen(event));

      const kept = after([welcome, ...messages, read], stale);

      expect(sees(kept)).toEqual(sees(after([welcome, world.snapshot()])));
    }),
  );
});

test("alarm messages may come twice and in any order", () => {
  fc.assert(
    fc.property(happenings, fc.infiniteStream(fc.nat()), (events, chance) => {
      const world = new World();
      const messages = events
        .filter((event) => event.kind === "change" || event.kind === "close")
        .map((event) => world.happen(event));
      const shuffled = [...messages, ...messages]
        .map((message) => ({ message, at: chance.next().value }))
        .sort((a, b) => a.at - b.at)
        .map(({ message }) => message);

      const seen = after(shuffled, after([welcome]));

      expect(sees(seen)).toEqual(sees(after([welcome, world.snapshot()])));
    }),
  );
});

test("a version never goes back", () => {
  const picture = after([raised("1", 3), raised("1", 2)]);

  expect(picture.alarms.get("1")?.version).toBe(3);
});

test("a closed alarm leaves, and a late word does not revive it", () => {
  const picture = after([raised("1", 1), closed("1", 5), raised("1", 4)]);

  expect(picture.alarms.size).toBe(0);
});

test("what was closed while the line was down is gone after the next snapshot", () => {
  const picture = after([welcome, raised("1", 1), welcome, snapshotOf([])]);

  expect(picture.alarms.size).toBe(0);
});

test("a message that changes nothing answers with the very same picture", () => {
  const picture = after([raised("1", 3)]);

  expect(apply(picture, raised("1", 3))).toBe(picture);
  expect(apply(picture, { type: "tick", server_time: AT })).toBe(picture);
});

test("whoever pressed keeps seeing their alarm after it was closed", () => {
  const own = { id: "1", version: 2, closed_at: AT } as OwnAlarmView;

  const picture = after([
    { type: "reporter.snapshot", at: AT, alarms: [{ ...own, version: 1, closed_at: null }] },
    { type: "own_alarm.changed", alarm: own },
  ]);

  expect(picture.ownAlarms.get("1")?.closed_at).toBe(AT);
});
