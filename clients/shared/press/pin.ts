/** Two PINs that end an alarm: one's own, and the one for when somebody makes one do it. */

import { base64 } from "../base64";

/** Never the digits: what a PIN hashes to under a salt of its own. */
interface Kept {
  readonly salt: string;
  readonly hash: string;
}

export interface Pins {
  readonly own: Kept;
  readonly forced: Kept | null;
}

export type Entered = "own" | "forced" | "wrong";

const SHORTEST = 4;
export const LONGEST = 6;
const SHAPE = new RegExp(`^\\d{${SHORTEST},${LONGEST}}$`);
/** A tenth of a second on a cheap phone; four digits are no secret from whoever takes the phone apart. */
const ROUNDS = 50_000;

/** What is wrong with two PINs, as a key of the words that say so; null when nothing is. */
export function unfit(own: string, forced: string): "shape" | "same" | null {
  if (!SHAPE.test(own) || (forced !== "" && !SHAPE.test(forced))) return "shape";
  return own === forced ? "same" : null;
}

export async function keep(own: string, forced: string): Promise<Pins> {
  return { own: await kept(own), forced: forced === "" ? null : await kept(forced) };
}

/** Which of the two was entered. Both are tried always, so that the time tells nothing. */
export async function tell(pins: Pins, entered: string): Promise<Entered> {
  const isOwn = await fits(pins.own, entered);
  const isForced = await fits(pins.forced ?? pins.own, entered);
  if (pins.forced !== null && isForced) return "forced";
  return isOwn ? "own" : "wrong";
}

/** Browsers hash only on pages that came over TLS or from this very machine. */
export function canKeepPins(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

async function kept(pin: string): Promise<Kept> {
  const salt = base64(crypto.getRandomValues(new Uint8Array(16)));
  return { salt, hash: await hashed(pin, salt) };
}

async function fits(one: Kept, entered: string): Promise<boolean> {
  return (await hashed(entered, one.salt)) === one.hash;
}

async function hashed(pin: string, salt: string): Promise<string> {
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", bytes(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: ROUNDS };
  return base64(new Uint8Array(await crypto.subtle.deriveBits(how, key, 256)));
}
