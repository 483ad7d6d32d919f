/** Which alarm a tap on a notification asked for. */

/** From the address a page was opened at, and later from the worker; answers with an undo. */
export function followNotices(show: (alarmId: string) => void): () => void {
  const asked = new URLSearchParams(location.hash.slice(1)).get("alarm");
  if (asked !== null) {
    show(asked);
    history.replaceState(null, "", location.pathname + location.search);
  }
  const hear = (event: MessageEvent): void => {
    const told: unknown = event.data;
    if (typeof told !== "object" || told === null || !("show" in told)) return;
    if (typeof told.show === "string") show(told.show);
  };
  navigator.serviceWorker?.addEventListener("message", hear);
  return () => navigator.serviceWorker?.removeEventListener("message", hear);
}
