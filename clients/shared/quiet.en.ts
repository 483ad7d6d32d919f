import type { quiet as id } from "./quiet.id";

export const quiet: typeof id = {
  silent: "Press silently",
  why: "No vibration, and the screen turns dark. The officers know that they must come quietly.",
  reveal: "Dark screen. Tap to see the state of the alarm",
  hide: "Darken the screen",
};
