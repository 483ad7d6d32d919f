/** The service worker of every app: keeps the app's own files, and nothing the server answers. */

import { PRESS_LEFT, sendLeft } from "../shared/press/background";
import { keepNew, kept, letGoOfOld, type Precached } from "./shell";

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

async function answer(request: Request): Promise<Response> {
  return (await kept(SCOPE, FILES, request)) ?? fetch(request);
}

/** A press must not wait for this worker to start: browsers that can skip it for /v1/. */
function leaveTheRestAlone(event: ExtendableEvent): void {
  if (!("addRoutes" in event) || typeof event.addRoutes !== "function") return;
  const rule = { condition: { urlPattern: "/v1/*" }, source: "network" };
  event.waitUntil(Promise.resolve(event.addRoutes(rule)).catch(() => undefined));
}
