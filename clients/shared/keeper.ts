/** What this browser keeps for us; where it keeps nothing, at least the open page does. */

export type Keeper = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Never throws: a full or forbidden storage must not stand between a person and their press. */
export function lenient(storage: () => Keeper): Keeper {
  /** What the storage did not take, and would still give as it was before. */
  const held = new Map<string, string | null>();
  return {
    getItem(key) {
      const here = held.get(key);
      return here === undefined ? attempt(() => storage().getItem(key), null) : here;
    },
    setItem(key, text) {
      held.set(key, text);
      const kept =
        attempt(() => write(storage(), key, text), false) ||
        // The old one makes room, and must not come back in place of the new one.
        attempt(() => erase(storage(), key) && write(storage(), key, text), false);
      if (kept) held.delete(key);
    },
    removeItem(key) {
      held.set(key, null);
      if (attempt(() => erase(storage(), key), false)) held.delete(key);
    },
  };
}

export const keeper = lenient(() => localStorage);

function write(storage: Keeper, key: string, text: string): true {
  storage.setItem(key, text);
  return true;
}

function erase(storage: Keeper, key: string): true {
  storage.removeItem(key);
  return true;
}

/** Private windows, full disks and settings that forbid it all throw in their own way. */
function attempt<T>(act: () => T, otherwise: T): T {
  try {
    return act();
  } catch {
    return otherwise;
  }
}
