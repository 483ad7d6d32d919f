import type { waking as id } from "./waking.id";

export const waking: typeof id = {
  title: "While the page is closed",
  on: "This device is still woken, though sometimes late.",
  off: "A closed page makes no sound at all.",
  turnOn: "Wake this device",
  turnOff: "Do not wake it any more",
  denied: "Notifications are blocked. Allow them in this browser's site settings, then open again.",
  unsupported: "This browser cannot be woken. On an iPhone: first add this app to the home screen.",
  failed: "Not yet: the browser's notification service does not answer.",
  again: "Try again",
};
