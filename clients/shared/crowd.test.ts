import { expect, test } from "vitest";
import { alarmFeatures, BUTTONS_AT_MOST, crowd } from "./crowd";
import type { AlarmKind, AlarmView } from "./live.gen";
import { alarmSvg, isAlarmSign, KIND_PATH, STANDINGS } from "./map_symbols";

const PLACE = { lat: -7.15, lon: 111.88, accuracy_m: 9 };

const alarm = (number: number, more: Partial<AlarmView> = {}): AlarmView =>
  ({
    id: `alarm-${number}`,
    number,
    kind: "fire",
    ringing: false,
    cancelled: null,
    unanswered_at: null,
    merged_into: null,
    responders: [],
    suspicion: { level: 0, reasons: [] },
    reporter: { role: "masyarakat" },
    raised_at: new Date(1_700_000_000_000 + number * 1_000).toISOString(),
    where: { place: PLACE },
    ...more,
  }) as unknown as AlarmView;
const some = (count: number): AlarmView[] => Array.from({ length: count }, (_, n) => alarm(n));

test("as many as fit are buttons, whatever their order; who has no place is nowhere", () => {
  const lost = { where: { place: null } } as unknown as Partial<AlarmView>;
  const few = crowd([...some(BUTTONS_AT_MOST), alarm(99, lost)], null);

  expect(few.buttons.length).toBe(BUTTONS_AT_MOST);
  expect(few.drawn).toEqual([]);
});

test("of many the first of the queue and the chosen one are buttons, and none is lost", () => {
  const rings = alarm(500, { ringing: true });
  const merged = alarm(501, { merged_into: { alarm_id: "alarm-1", number: 1 } });
  const all = [...some(299), merged, rings];
  const { buttons, drawn } = crowd(all, "alarm-250");
  const numbers = buttons.map((one) => one.number);

  expect(numbers[0]).toBe(500);
  expect(numbers).toContain(250);
  expect(buttons.length).toBe(BUTTONS_AT_MOST + 1);
  expect(new Set([...buttons, ...drawn])).toEqual(new Set(all));
  // Drawn last is on top: the most urgent of the rest, and never the merged one.
  const features = alarmFeatures(drawn).features;
  expect(features[0]?.properties).toMatchObject({ id: "alarm-501", number: "501" });
  expect(features.at(-1)?.properties).toMatchObject({ id: "alarm-39", sign: "waiting fire" });
});

test("every sign is told apart by urgency and kind, and is no officer's", () => {
  const kinds = Object.keys(KIND_PATH) as AlarmKind[];
  const names = ["ringing", "waiting", "handled", "cancelled"].flatMap((urgency) =>
    kinds.map((kind) => `${urgency} ${kind}`),
  );

  expect(new Set(names.map(alarmSvg)).size).toBe(names.length);
  expect(names.every(isAlarmSign)).toBe(true);
  expect(STANDINGS.some(isAlarmSign)).toBe(false);
});
