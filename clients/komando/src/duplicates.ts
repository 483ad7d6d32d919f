/** Pure: which open alarms may be of one event, and which of two should lead. */

import { active, metresBetween } from "@cas/shared/standing";
import type { AlarmView } from "@cas/shared/wire";

export interface Twin {
  readonly alarm: AlarmView;
  readonly metres: number | null;
  readonly lagMs: number;
  /** Near in place and time: proposed without being asked. */
  readonly likely: boolean;
}

const NEAR_M = 500;
const LAG_MS = 15 * 60_000;

/** The other alarms that stand for themselves: likely ones first, of those the nearest. */
export function twins(alarm: AlarmView, others: Iterable<AlarmView>): Twin[] {
  return [...others]
    .filter((other) => other.id !== alarm.id && other.merged_into === null)
    .map((other) => twin(alarm, other))
    .sort(
      (a, b) =>
        Number(b.likely) - Number(a.likely) ||
        (a.metres ?? Number.POSITIVE_INFINITY) - (b.metres ?? Number.POSITIVE_INFINITY) ||
        a.lagMs - b.lagMs,
    );
}

/** Somebody is on it; else it was there first. Duress and officers in danger are merged nowhere. */
export function leader(one: AlarmView, other: AlarmView): AlarmView {
  const weight = (alarm: AlarmView): number =>
    Number(alarm.cancelled?.duress === true || alarm.reporter.role === "personil") * 8 +
    Number(alarm.cancelled === null) * 4 +
    Number(alarm.where.place !== null) * 2 +
    Number(active(alarm).length > 0);
  const lead = weight(one) - weight(other);
  if (lead !== 0) return lead > 0 ? one : other;
  return Date.parse(one.raised_at) <= Date.parse(other.raised_at) ? one : other;
}

function twin(alarm: AlarmView, other: AlarmView): Twin {
  const { place: here } = alarm.where;
  const { place: there } = other.where;
  const metres = here === null || there === null ? null : metresBetween(here, there);
  const lagMs = Math.abs(Date.parse(alarm.raised_at) - Date.parse(other.raised_at));
  return {
    alarm: other,
    metres,
    lagMs,
    likely: metres !== null && metres <= NEAR_M && lagMs <= LAG_MS,
  };
}
