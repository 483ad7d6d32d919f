/** Whether this browser is woken when its page is closed, and how that is turned on and off. */

import { connect, ok, Problem } from "./api";
import { base64url } from "./base64";
import { appName, newId } from "./browser";
import { keeper } from "./keeper";

export type WakeState =
  | "unknown"
  | "unsupported"
  | "denied"
  | "off"
  | "on"
  /** The browser's push service, or ours, did not answer. */
  | "failed";

/** Nobody waits longer at signing out. */
const LEAVE_WITHIN_MS = 3_000;
const READY_WITHIN_MS = 20_000;

export class Wake {
  readonly #token: () => string | null;
  readonly #api: ReturnType<typeof connect>;
  state = $state<WakeState>("unknown");
  busy = $state(false);

  constructor(token: () => string | null) {
    this.#token = token;
    this.#api = connect(token);
  }

  /** After signing in: what was on is told to the server again, for it may be somebody else now. */
  async look(): Promise<void> {
    if (!isSupported()) this.state = "unsupported";
    else if (Notification.permission === "denied") this.state = "denied";
    else if ((await subscribed()) === null) this.state = "off";
    else await this.#try();
  }

  /** Call from a tap: a browser asks its person only then. */
  async turnOn(): Promise<void> {
    if ((await Notification.requestPermission()) === "granted") await this.#try();
    else this.state = Notification.permission === "denied" ? "denied" : "off";
  }

  /** Also when the server cannot be told: it finds out when it next tries. */
  async turnOff(): Promise<void> {
    this.busy = true;
    const done = Promise.allSettled([this.#forget(), unsubscribe()]);
    await Promise.race([done, new Promise((late) => setTimeout(late, LEAVE_WITHIN_MS))]);
    this.busy = false;
    await this.look();
  }

  async #try(): Promise<void> {
    this.busy = true;
    try {
      const { application_server_key: key } = await ok(this.#api.GET("/v1/waking"));
      await this.#register(await subscribe(key));
      this.state = "on";
    } catch {
      this.state = "failed";
    } finally {
      this.busy = false;
    }
  }

  async #register(subscription: PushSubscription): Promise<void> {
    const body = {
      platform: "web" as const,
      address_type: "web_push" as const,
      address: subscription.endpoint,
      keys: { p256dh: part(subscription, "p256dh"), auth: part(subscription, "auth") },
    };
    try {
      await ok(this.#api.PUT("/v1/devices/{device_id}", { ...named(deviceId()), body }));
    } catch (fault) {
      if (!(fault instanceof Problem && fault.code === "device_id_taken")) throw fault;
      keeper.removeItem(key());
      await ok(this.#api.PUT("/v1/devices/{device_id}", { ...named(deviceId()), body }));
    }
  }

  async #forget(): Promise<void> {
    if (this.#token() === null) return;
    await this.#api.DELETE("/v1/devices/{device_id}", named(deviceId()));
  }
}

function isSupported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

async function subscribed(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** Without a worker there is nobody to wake: it may still be loading, or could not be. */
function ready(): Promise<ServiceWorkerRegistration> {
  const late = new Promise<never>((_, refuse) => {
    setTimeout(() => refuse(new Error("no service worker")), READY_WITHIN_MS);
  });
  return Promise.race([navigator.serviceWorker.ready, late]);
}

/** A subscription under another key than the server's of today would never be used. */
async function subscribe(key: string): Promise<PushSubscription> {
  const { pushManager } = await ready();
  const before = await pushManager.getSubscription();
  const under = before?.options.applicationServerKey;
  if (before !== null && under != null && text(under) === key) return before;
  await before?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function unsubscribe(): Promise<void> {
  await (await subscribed())?.unsubscribe();
}

function part(subscription: PushSubscription, name: PushEncryptionKeyName): string {
  const bytes = subscription.getKey(name);
  if (bytes === null) throw new Error(`a subscription without its ${name}`);
  return text(bytes);
}

const text = (bytes: ArrayBuffer): string => base64url(new Uint8Array(bytes)).replace(/=+$/, "");
const key = (): string => `cas.${appName()}.waking`;
const named = (id: string) => ({ params: { path: { device_id: id } } });

function deviceId(): string {
  const known = keeper.getItem(key());
  if (known !== null) return known;
  const made = newId(Date.now());
  keeper.setItem(key(), made);
  return made;
}
