import type { practice as id } from "./practice.id";

export const practice: typeof id = {
  open: "Practise the press",
  title: "Try the button",
  banner: "PRACTICE: nothing is sent",
  hint: "Hold the button for 1.5 seconds, until the ring is full.",
  done: "Done. That is how it works.",
  real: "In a real alarm:",
  steps: [
    "The alarm and your position reach the command centre, mostly within a second.",
    "The nearest officers are called, until somebody comes.",
    "This screen tells who has seen it, who has taken it and who has arrived.",
    "Pressed by mistake? Cancel it on that screen.",
  ],
  again: "Try again",
  back: "Back to the button",
};
