/** The signs on the map and in its legend: told apart by shape first, by colour second. */

import type { AlarmKind } from "./live.gen";
import type { Standing, Urgency } from "./standing";

export interface Palette {
  readonly good: string;
  readonly warn: string;
  readonly danger: string;
  readonly accent: string;
  readonly stale: string;
  readonly land: string;
  readonly edge: string;
  readonly label: string;
  readonly halo: string;
}

/** The tokens in force at an element, so that the map follows the theme of the page. */
export function paletteAt(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    good: token("good"),
    warn: token("warn"),
    danger: token("danger"),
    accent: token("accent"),
    stale: token("stale"),
    land: token("map-land"),
    edge: token("map-edge"),
    label: token("map-label"),
    halo: token("map-halo"),
  };
}

export const STANDINGS: readonly Standing[] = ["available", "busy", "break", "stale"];

/** Available: a disc. Busy: a square. On a break: a hollow diamond. Stale: a broken ring. */
export function standingSvg(which: Standing, palette: Palette): string {
  const { halo } = palette;
  const shapes: Readonly<Record<Standing, string>> = {
    available: `<circle cx="12" cy="12" r="7.5" fill="${palette.good}" stroke="${halo}" stroke-width="2"/>`,
    busy: `<rect x="4.5" y="4.5" width="15" height="15" rx="2" fill="${palette.warn}" stroke="${halo}" stroke-width="2"/><path d="M8 12h8" stroke="${halo}" stroke-width="3"/>`,
    break: `<path d="M12 3.5 20.5 12 12 20.5 3.5 12Z" fill="${halo}" stroke="${palette.accent}" stroke-width="2.5"/>`,
    stale: `<circle cx="12" cy="12" r="7" fill="${halo}" stroke="${palette.stale}" stroke-width="2.5" stroke-dasharray="3.6 2.6"/><path d="M12 9v3.4M12 15.2v.2" stroke="${palette.stale}" stroke-width="2.4" stroke-linecap="round"/>`,
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24">${shapes[which]}</svg>`;
}

export function dataUrl(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** One stroke drawing per kind, in a box of 24. */
export const KIND_PATH: Readonly<Record<AlarmKind, string>> = {
  unknown: "M8.5 9a3.5 3.5 0 1 1 5.2 3c-1.2.7-1.7 1.4-1.7 2.6M12 18.5v.2",
  crime: "M12 4v10M12 18.5v.5",
  fire: "M12 3c1 4 5 5.5 5 10a5 5 0 0 1-10 0c0-2 1-3.5 2-4.5.3 1.5 1 2.5 2 3C11.5 8.5 10.5 6 12 3Z",
  medical: "M12 5v14M5 12h14",
  accident: "M4 15h16M6 15l2-5h8l2 5M7.5 18.5v.2M16.5 18.5v.2",
  other: "M6 12h.2M12 12h.2M18 12h.2",
};

/** As the buttons of single alarms are coloured (alarm_marker.css), in either theme. */
const SIGN_COLOUR: Readonly<Record<Urgency, string>> = {
  duress: "#b3201a",
  unanswered: "#b3201a",
  ringing: "#b3201a",
  waiting: "#8a5200",
  handled: "#14508c",
  cancelled: "#4a5763",
};
const RINGS: ReadonlySet<string> = new Set(["duress", "unanswered", "ringing"]);

export const isAlarmSign = (name: string): boolean => (name.split(" ")[0] ?? "") in SIGN_COLOUR;

/** An alarm's sign by its name, "<urgency> <kind>": on its corner while it rings, round when not. */
export function alarmSvg(name: string): string {
  const [urgency = "", kind = ""] = name.split(" ");
  const fill = SIGN_COLOUR[urgency as Urgency] ?? SIGN_COLOUR.ringing;
  const shape = RINGS.has(urgency)
    ? `<rect x="12" y="12" width="24" height="24" rx="4" transform="rotate(45 24 24)" fill="${fill}" stroke="#fff" stroke-width="2"/>`
    : `<circle cx="24" cy="24" r="14" fill="${fill}" stroke="#fff" stroke-width="2"/>`;
  const sign = `<path d="${KIND_PATH[kind as AlarmKind] ?? ""}" transform="translate(15 15) scale(0.75)" fill="none" stroke="#fff" stroke-width="2.8" stroke-linecap="round" stroke-linejoin="round"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 48 48">${shape}${sign}</svg>`;
}
