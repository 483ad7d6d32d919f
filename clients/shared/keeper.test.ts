import { expect, test } from "vitest";
import { type Keeper, lenient } from "./keeper";

function refusing(): { storage: Keeper; full: boolean; kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const it = {
    full: false,
    kept,
    storage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => {
        if (it.full) throw new DOMException("full", "QuotaExceededError");
        kept.set(key, text);
      },
      removeItem: (key: string) => void kept.delete(key),
    },
  };
  return it;
}

test("what does not fit is held by the page, and the newest is what is read", () => {
  const it = refusing();
  const keeper = lenient(() => it.storage);
  keeper.setItem("press", "old");
  it.full = true;

  keeper.setItem("press", "new");

  expect(keeper.getItem("press")).toBe("new");
  expect(it.kept.has("press")).toBe(false);
  it.full = false;
  keeper.setItem("press", "newest");
  expect(it.kept.get("press")).toBe("newest");
  keeper.removeItem("press");
  expect(keeper.getItem("press")).toBeNull();
});

test("a browser that forbids storage altogether still has a page that remembers", () => {
  const keeper = lenient(() => {
    throw new DOMException("denied", "SecurityError");
  });
  expect(keeper.getItem("press")).toBeNull();

  keeper.setItem("press", "kept");
  expect(keeper.getItem("press")).toBe("kept");
  keeper.removeItem("press");

  expect(keeper.getItem("press")).toBeNull();
});
