/** One record in IndexedDB: the only place of a browser that keeps a key without showing it. */

import { appName } from "../browser";
import type { KeptKey, KeyDrawer } from "./press_key";

const STORE = "press_key";
const ONLY = "only";

export class BrowserDrawer implements KeyDrawer {
  async load(): Promise<KeptKey | null> {
    const kept = await this.#ask("readonly", (store) => store.get(ONLY));
    return (kept as KeptKey | undefined) ?? null;
  }

  async save(key: KeptKey | null): Promise<void> {
    await this.#ask("readwrite", (store) =>
      key === null ? store.delete(ONLY) : store.put(key, ONLY),
    );
  }

  async #ask(
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest,
  ): Promise<unknown> {
    const database = await opened();
    try {
      return await answer(act(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  }
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(`cas.${appName()}`, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return answer(request);
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}
