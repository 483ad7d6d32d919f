/** One record in IndexedDB: a service worker can open it, too, and a key in it cannot be read out. */

import { appName } from "../browser";

const STORE = "records";
const ONLY = "only";

export class Drawer<T> {
  readonly #name: string;

  /** Each app has its own, for each kind of thing. */
  constructor(name: string) {
    this.#name = name;
  }

  async load(): Promise<T | null> {
    const kept = await this.#ask("readonly", (store) => store.get(ONLY));
    return (kept as T | undefined) ?? null;
  }

  async save(record: T | null): Promise<void> {
    await this.#ask("readwrite", (store) =>
      record === null ? store.delete(ONLY) : store.put(record, ONLY),
    );
  }

  async #ask(
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest,
  ): Promise<unknown> {
    const database = await opened(`cas.${appName()}.${this.#name}`);
    try {
      return await answer(act(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  }
}

function opened(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return answer(request);
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}
