/** The service worker of every app: keeps the app's own files, and nothing the server answers. */

import { PRESS_LEFT, sendLeft } from "../shared/press/background";
import { keepNew, kept, letGoOfOld, type Precached } from "./shell";
import { address, type Destination, notice } from "./waking";

/** Only Chromium has it; TypeScript's library does not. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}
declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: Precached[] };

// Replaced while building by the list of the app's files.
const FILES = self.__WB_MANIFEST;
const SCOPE = new URL(self.registration.scope);

self.addEventListener("install", (event) => {
  leaveTheRestAlone(event);
  event.waitUntil(keepNew(SCOPE, FILES));
});

self.addEventListener("activate", (event) => {
  // The page of the first visit opens what it has not loaded yet from here, too.
  event.waitUntil(letGoOfOld(SCOPE, FILES).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const own = url.origin === SCOPE.origin && url.pathname.startsWith(SCOPE.pathname);
  if (own && event.request.method === "GET") event.respondWith(answer(event.request));
});

// A new version waits until the page says that nobody is in the middle of anything.
self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});

/** A press whose page was closed before it got out. */
self.addEventListener("sync", (event) => {
  const sync = event as SyncEvent;
  if (sync.tag === PRESS_LEFT) sync.waitUntil(sendLeft());
});

/** Woken with the page closed: a page that is seen rings by itself. */
self.addEventListener("push", (event) => {
  event.waitUntil(tell(event.data?.text() ?? null));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data as Destination | null));
});

async function tell(text: string | null): Promise<void> {
  if ((await pages()).some((page) => page.visibilityState === "visible")) return;
  const { title, shown } = notice(text, new URL("icon-192.png", SCOPE).href);
  await self.registration.showNotification(title, shown);
}

async function show(to: Destination | null): Promise<void> {
  const [page] = await pages();
  if (page === undefined) {
    await self.clients.openWindow(address(SCOPE, to));
    return;
  }
  page.postMessage({ show: to?.alarmId ?? null });
  await page.focus();
}

async function pages(): Promise<readonly WindowClient[]> {
  const all = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter((page) => page.url.startsWith(SCOPE.href));
}

async function answer(request: Request): Promise<Response> {
  return (await kept(SCOPE, FILES, request)) ?? fetch(request);
}

/** A press must not wait for this worker to start: browsers that can skip it for /v1/. */
function leaveTheRestAlone(event: ExtendableEvent): void {
  if (!("addRoutes" in event) || typeof event.addRoutes !== "function") return;
  const rule = { condition: { urlPattern: "/v1/*" }, source: "network" };
  event.waitUntil(Promise.resolve(event.addRoutes(rule)).catch(() => undefined));
}
