/** The desk's shortcuts: one table from key to act. */

import { acknowledge } from "./acts";
import type { Desk } from "./desk.svelte";

type Act = (desk: Desk, fit: () => void) => void;

const ACTS: Readonly<Record<string, Act>> = {
  j: (desk) => desk.step(1),
  arrowdown: (desk) => desk.step(1),
  k: (desk) => desk.step(-1),
  arrowup: (desk) => desk.step(-1),
  t: acknowledgeChosen,
  p: (desk) => desk.beginAssigning(),
  u: (desk) => desk.askClosing(),
  d: (desk) => desk.askMerging(),
  o: (desk) => desk.askHanding(),
  n: (desk) => desk.openCaller(),
  l: (desk) => {
    desk.panel = desk.panel === "queue" ? "officers" : "queue";
  },
  m: (desk) => desk.announcer.swap(),
  g: (desk) => {
    desk.asking = "figures";
  },
  r: (desk) => {
    desk.asking = "past";
  },
  s: (desk) => {
    desk.asking = "notes";
  },
  w: (desk) => desk.swapWallboard(),
  h: (desk) => desk.past.swapHeat(),
  f: (desk) => {
    const id = desk.layer.followedId ?? desk.officerId;
    if (id !== null) desk.layer.follow(id);
  },
  "0": (_, fit) => fit(),
  "?": (desk) => {
    desk.asking = "keys";
  },
  escape: (desk) => desk.back(),
};

/** What the screen on the wall answers to: nothing that opens an alarm or a form. */
const ON_THE_WALL = new Set(["w", "h", "m", "0", "escape"]);

export function act(event: KeyboardEvent, desk: Desk, fit: () => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey || desk.asking !== null) return;
  // A dialog, also one that asks for a proof, takes its own keys: Escape closes it and nothing else.
  if (event.target instanceof Element && event.target.closest("dialog") !== null) return;
  if (isTyping(event.target) && event.key !== "Escape") return;
  const key = event.key.toLowerCase();
  if (desk.wallboard && !ON_THE_WALL.has(key)) return;
  const chosen = ACTS[key];
  if (chosen === undefined || isOnMap(event.target, key)) return;
  event.preventDefault();
  chosen(desk, fit);
}

/** Only an alarm that is on the screen can be acknowledged; with none chosen, one is chosen first. */
function acknowledgeChosen(desk: Desk): void {
  const alarm = desk.chosen;
  if (alarm === null) desk.step(1);
  else if (alarm.ringing && desk.mayAct(alarm)) void desk.ask(() => acknowledge(alarm));
}

/** Whoever is on the map moves the map: its arrows choose no alarm. */
function isOnMap(target: EventTarget | null, key: string): boolean {
  return (
    key.startsWith("arrow") &&
    target instanceof Element &&
    target.closest(".maplibregl-map") !== null
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea") !== null;
}
