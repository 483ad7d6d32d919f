import type { pin as id } from "./pin.id";

export const pin: typeof id = {
  title: "PIN for cancelling",
  why: "With a PIN nobody else can cancel your alarm.",
  own: "Your PIN (4 to 6 digits)",
  forced: "PIN when forced (may be empty)",
  forcedWhy:
    "If somebody forces you to cancel, enter this PIN. The screen looks cancelled, but help still comes.",
  keep: "Keep the PIN",
  later: "Not now",
  shape: "A PIN has 4 to 6 digits.",
  same: "The two PINs must differ.",
  enter: "Enter the PIN to cancel",
  confirm: "Cancel the alarm",
  wrong: "Wrong PIN. The alarm goes on.",
  reason: "Cancelled with the PIN",
  change: "Change the PIN",
  create: "Make a PIN for cancelling",
  slide: "Slide to the right if you pressed by mistake",
  slideLeft: (seconds) => `${seconds} s left`,
};
