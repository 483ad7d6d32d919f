/** A press that did not get out is left with the service worker, which sends it when it can. */

import { Acts } from "./acts";
import { Drawer } from "./drawer";
import { PressKey } from "./press_key";
import { type Credentials, type Press, Wallet } from "./wallet";

/** What the browser says to the worker when there is a network again. */
export const PRESS_LEFT = "press";

interface Left {
  readonly press: Press;
  readonly credentials: Credentials | null;
}

/** Not in TypeScript's library: only Chromium has it, which is what most phones here run. */
interface Syncing extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

const drawer = new Drawer<Left>("press");

/** Beside the page's own tries, for when somebody closes it: the id is the same, so it is one alarm. */
export async function leave(press: Press, credentials: Credentials | null): Promise<void> {
  try {
    await drawer.save({ press, credentials });
    const registration: Syncing | undefined = await navigator.serviceWorker?.getRegistration();
    await registration?.sync?.register(PRESS_LEFT);
  } catch {
    // No worker, no room, or not allowed: the page keeps trying as long as it is open.
  }
}

export async function takeBack(): Promise<void> {
  await drawer.save(null).catch(() => undefined);
}

/** In the worker; when this fails, the browser calls again later. */
export async function sendLeft(): Promise<void> {
  const left = await drawer.load();
  if (left === null) return;
  const wallet = new Wallet(memory(), "worker");
  wallet.credentials = left.credentials;
  await new Acts(wallet, new PressKey(new Drawer("press_key"))).press(left.press);
  await takeBack();
}

function memory(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}
