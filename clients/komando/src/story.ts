/** The journal's words and the policy's reasons, told to an operator. */

import { t } from "@cas/shared/language";
import { distance } from "@cas/shared/text";
import type { AlarmView, TimelineEntry } from "@cas/shared/wire";

type Fact = NonNullable<TimelineEntry["facts"]>[string];

/** What an entry's facts say to a person; the others are for machines. */
const SAID: Readonly<Record<string, (value: Fact) => string>> = {
  ring: (value) => t.detail.ring(Number(value)),
  called: (value) => t.press.called(Number(value)),
  distance_m: (value) => distance(Number(value), t.locale),
  part: (value) => words(t.part, String(value)),
  disposition: (value) => words(t.disposition, String(value)),
  role: (value) => words(t.role, String(value)),
  reason: (value) => words({ ...t.escalation, ...t.reason }, String(value)),
  note: String,
  winner: String,
};

/** One line of the timeline: what happened, to whom, by whom. */
export function told(entry: TimelineEntry, names: ReadonlyMap<string, string>): string {
  const facts = Object.entries(entry.facts ?? {});
  const about = facts.flatMap(([key, value]) => {
    const name = key.endsWith("_id") ? names.get(String(value)) : undefined;
    return name === undefined || name === entry.actor ? [] : [name];
  });
  const said = facts.flatMap(([key, value]) => {
    const say = SAID[key];
    return say === undefined || value === null || value === "" ? [] : [say(value)];
  });
  const line = [words(t.story, entry.kind), ...new Set([...about, ...said])].join(" · ");
  return entry.actor === null ? line : `${line} (${entry.actor})`;
}

/** Whom the ids in an alarm's story stand for. */
export function namesIn(alarm: AlarmView): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const one of alarm.responders) names.set(one.personil_id, one.name);
  for (const offer of alarm.offers) {
    names.set(offer.personil_id, offer.name);
    names.set(offer.offer_id, offer.name);
  }
  return names;
}

export const partName = (name: string): string => words(t.scorePart, name);

export const reasonText = (reason: string): string => words(t.reason, reason);

function words(table: object, key: string): string {
  const found: unknown = (table as Record<string, unknown>)[key];
  return typeof found === "string" ? found : key.replaceAll(/[._]/g, " ");
}
