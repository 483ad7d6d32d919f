/** What a push shows on a screen that anybody may see, and where a tap on it leads. */

/** As the server composes it: neutral words, and ids that mean nothing to a stranger. */
interface Told {
  readonly kind?: string;
  readonly title?: string;
  readonly body?: string;
  readonly alarm_id?: string;
}

/** TypeScript's library leaves out what only some browsers heed. */
interface Shown extends NotificationOptions {
  readonly vibrate?: number[];
  readonly renotify?: boolean;
  readonly data: Destination;
}

export interface Destination {
  /** Chosen when the page opens; null when it is about nothing of that kind. */
  readonly alarmId: string | null;
}

/** Something came that cannot be read: whoever looks finds out in the app. */
const UNREADABLE: Told = { title: "CAS", body: "Ada pemberitahuan. Buka aplikasi." };
/** Stay on the screen, and are felt, until somebody does something about them. */
const URGENT = ["offer", "assigned", "escalation", "desk"];
const BUZZ = [500, 150, 500, 150, 500];

export function notice(text: string | null, icon: string): { title: string; shown: Shown } {
  const told = read(text);
  const alarmId = typeof told.alarm_id === "string" ? told.alarm_id : null;
  const urgent = URGENT.includes(told.kind ?? "");
  const title = told.title ?? "CAS";
  const shown: Shown = {
    body: told.body ?? "",
    lang: "id",
    icon,
    badge: icon,
    // What is said later of an alarm takes the place of what was said before.
    tag: alarmId ?? (told.kind === "drill" ? "drill" : "account"),
    requireInteraction: urgent,
    data: { alarmId },
    ...(urgent ? { renotify: true, vibrate: BUZZ } : { silent: told.kind === "stood_down" }),
  };
  return { title, shown };
}

/** The page to open, when none is open. What stands behind "#" never reaches the server's log. */
export function address(scope: URL, to: Destination | null): string {
  const url = new URL(scope);
  if (to?.alarmId) url.hash = new URLSearchParams({ alarm: to.alarmId }).toString();
  return url.href;
}

function read(text: string | null): Told {
  try {
    const told: unknown = JSON.parse(text ?? "");
    return typeof told === "object" && told !== null ? told : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}
