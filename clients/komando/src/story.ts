/** The journal's words and the policy's reasons, told to an operator. */

import { t } from "@cas/shared/language";
import type { TimelineEntry } from "@cas/shared/wire";

const words = (table: object, key: string): string => {
  const found: unknown = (table as Record<string, unknown>)[key];
  return typeof found === "string" ? found : key.replaceAll(/[._]/g, " ");
};

/** One line of the timeline: what happened, to whom, by whom. */
export function told(entry: TimelineEntry): string {
  const { facts } = entry;
  const detail = ["name", "personil", "reason", "disposition", "ring", "called", "note"]
    .map((key) => [key, facts?.[key]] as const)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([key, value]) => fact(key, String(value)));
  const said = [words(t.story, entry.kind), ...detail].join(" · ");
  return entry.actor === null ? said : `${said} (${entry.actor})`;
}

function fact(key: string, value: string): string {
  if (key === "ring") return t.detail.ring(Number(value));
  if (key === "called") return t.press.called(Number(value));
  if (key === "disposition") return words(t.disposition, value);
  if (key === "reason") return words(t.escalation, value);
  return value;
}

export const partName = (name: string): string => words(t.scorePart, name);

export const reasonText = (reason: string): string => words(t.reason, reason);
