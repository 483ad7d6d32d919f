/** The language in use, and how ages, distances and problems are said in it. */

import { Problem } from "./api";
import type { Strings } from "./strings.id";

const MINUTE_S = 60;
const HOUR_S = 3_600;

/** "8 dtk", "3 mnt 05 dtk", "2 j 10 mnt": short, and never a long row of seconds. */
export function age(ms: number, words: Strings["unit"]): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < MINUTE_S) return `${seconds} ${words.second}`;
  const minutes = Math.floor(seconds / MINUTE_S);
  if (seconds < HOUR_S) {
    return `${minutes} ${words.minute} ${pad(seconds % MINUTE_S)} ${words.second}`;
  }
  return `${Math.floor(minutes / 60)} ${words.hour} ${pad(minutes % 60)} ${words.minute}`;
}

export function distance(m: number, locale: string): string {
  if (m < 100) return `${Math.round(m)} m`;
  if (m < 1_000) return `${Math.round(m / 10) * 10} m`;
  return `${(m / 1_000).toLocaleString(locale, { maximumFractionDigits: 1 })} km`;
}

/** The time of day where the regency is, whatever the machine is set to. */
export function timeOfDay(at: string | number, locale: string): string {
  return new Date(at).toLocaleTimeString(locale, {
    timeZone: "Asia/Jakarta",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  });
}

/** "22 Nov 10.15": for what was not just now. */
export function dayAndTime(at: string, locale: string): string {
  return new Date(at).toLocaleString(locale, {
    timeZone: "Asia/Jakarta",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  });
}

/** The server's stable code in the reader's words, and who was first where the server says so. */
export function explain(fault: unknown, words: Strings["problem"]): string {
  if (!(fault instanceof Problem)) return words.other("client");
  const { [fault.code]: known } = words as Record<string, unknown>;
  const said = typeof known === "string" ? known : words.other(fault.code);
  const { winner } = fault.facts;
  return typeof winner === "string" ? `${said} ${words.byWhom(winner)}` : said;
}

const pad = (n: number): string => String(n).padStart(2, "0");
