/** The little that clients ask of the browser around a socket and a press. */

import type { Live } from "./live";

/** Reconnects at once when the page is seen again or the network returns; answers with an undo. */
export function wakeOnReturn(live: Live): () => void {
  const wake = (): void => {
    if (document.visibilityState === "visible") live.wake();
  };
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  return () => {
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", wake);
  };
}

/** With every touch and key: a browser lets sound out only then, and may take it back later. */
export function onTouch(act: () => void): () => void {
  document.addEventListener("pointerdown", act);
  document.addEventListener("keydown", act);
  return () => {
    document.removeEventListener("pointerdown", act);
    document.removeEventListener("keydown", act);
  };
}

/** Each app is served under its own path, and keeps what it keeps under its own name. */
export function appName(): string {
  return location.pathname.split("/")[1] ?? "";
}

export function liveUrl(): string {
  return `${location.origin.replace(/^http/, "ws")}/v1/live?frames=lines`;
}

/** A time-ordered UUID (version 7). `crypto.randomUUID` is missing on pages without TLS. */
export function newId(nowMs: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(nowMs / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
