/** Pure: times of a drill as they are typed, always in WIB, and as the server reads them. */

const HOUR_MS = 3_600_000;
const WIB_MS = 7 * HOUR_MS;

/** The next full hour, as an input of day and time wants it. */
export function soon(nowMs: number): string {
  const next = Math.ceil(nowMs / HOUR_MS) * HOUR_MS;
  return new Date(next + WIB_MS).toISOString().slice(0, 16);
}

/** Null for what is no day and time. */
export function toWire(typed: string, hours: number): { from: string; until: string } | null {
  const fromMs = Date.parse(`${typed}Z`) - WIB_MS;
  if (Number.isNaN(fromMs)) return null;
  const until = new Date(fromMs + hours * HOUR_MS).toISOString();
  return { from: new Date(fromMs).toISOString(), until };
}
