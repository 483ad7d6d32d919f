/** Pure: since when an alarm stands where it stands, and when that has become too long. */

import type { AlarmView, ResponderLine } from "./live.gen";
import { active, urgency } from "./standing";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** The desk's own limits, where the alarm itself brings none: amber from the first, red from the second. */
const LIMITS_MS = {
  // An unacknowledged alarm climbs to the Kapolsek after 30 s.
  unacknowledged: [15 * SECOND_MS, 30 * SECOND_MS],
  accepted: [MINUTE_MS, 3 * MINUTE_MS],
  on_scene: [30 * MINUTE_MS, 60 * MINUTE_MS],
  cancelled: [2 * MINUTE_MS, 5 * MINUTE_MS],
} as const;

/** What a ring gives to answer in, where nobody has been asked yet. */
const RING_MS = 20 * SECOND_MS;
const RINGS = 3;
const LEAST_DRIVE_MS = 5 * MINUTE_MS;
/** 30 km/h as the crow flies: slow, so that amber means something. */
const DRIVE_M_PER_MS = 30 / 3_600;

export type Pace = "calm" | "late" | "overdue";

interface Stood {
  readonly sinceMs: number;
  readonly amberMs: number;
  readonly redMs: number;
}

/** Where an alarm stands now: since when, and how long is too long for that. */
export function stand(alarm: AlarmView): Stood {
  if (alarm.cancelled !== null) {
    const limits = alarm.cancelled.duress ? [0, 0] : LIMITS_MS.cancelled;
    return standing(alarm.cancelled.at, limits);
  }
  if (alarm.unanswered_at !== null && alarm.ringing) return standing(alarm.unanswered_at, [0, 0]);
  if (alarm.ringing) return standing(alarm.raised_at, LIMITS_MS.unacknowledged);
  const crew = active(alarm);
  return crew.length === 0 ? waiting(alarm) : handled(alarm, crew);
}

export function pace(alarm: AlarmView, nowMs: number): Pace {
  if (urgency(alarm) === "duress") return "overdue";
  const { sinceMs, amberMs, redMs } = stand(alarm);
  const stoodMs = nowMs - sinceMs;
  if (stoodMs >= redMs) return "overdue";
  return stoodMs >= amberMs ? "late" : "calm";
}

/** Nobody is on it: amber once the first ring has had its time, red once three could have. */
function waiting(alarm: AlarmView): Stood {
  const asked = alarm.offers.find((offer) => offer.ring > 0);
  const ringMs =
    asked === undefined ? RING_MS : Date.parse(asked.expires_at) - Date.parse(asked.offered_at);
  const left = latest(alarm.responders.map((one) => one.released_at));
  return standing(left ?? alarm.raised_at, [ringMs, RINGS * ringMs]);
}

/** The furthest of the crew says where the alarm stands, since the first of them came so far. */
function handled(alarm: AlarmView, crew: readonly ResponderLine[]): Stood {
  const onScene = earliest(crew.map((one) => one.on_scene_at));
  if (onScene !== null) return standing(onScene, LIMITS_MS.on_scene);
  const enRoute = earliest(crew.map((one) => one.en_route_at));
  if (enRoute !== null) return standing(enRoute, driveLimits(alarm, crew));
  const accepted = earliest(crew.map((one) => one.accepted_at));
  return standing(accepted ?? alarm.raised_at, LIMITS_MS.accepted);
}

/** As long as the way was when they were asked; by hand nobody measured it. */
function driveLimits(alarm: AlarmView, crew: readonly ResponderLine[]): readonly [number, number] {
  const ids = new Set(crew.map((one) => one.personil_id));
  const ways = alarm.offers.flatMap((offer) =>
    ids.has(offer.personil_id) && offer.distance_m !== null ? [offer.distance_m] : [],
  );
  const drive = ways.length === 0 ? 0 : Math.min(...ways) / DRIVE_M_PER_MS;
  const expected = Math.max(LEAST_DRIVE_MS, drive);
  return [expected, 2 * expected];
}

function standing(since: string, limits: readonly number[]): Stood {
  const [amberMs = 0, redMs = 0] = limits;
  return { sinceMs: Date.parse(since), amberMs, redMs };
}

function earliest(times: readonly (string | null)[]): string | null {
  return (
    times.filter((time) => time !== null).sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null
  );
}

function latest(times: readonly (string | null)[]): string | null {
  return (
    times.filter((time) => time !== null).sort((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null
  );
}
