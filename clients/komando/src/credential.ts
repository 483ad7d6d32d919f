/** The credential of this tab: it outlives a reload, not the closing of the tab. */

import { lenient } from "@cas/shared/keeper";

const KEY = "cas.komando.token";
const keeper = lenient(() => sessionStorage);

export function heldToken(): string | null {
  return keeper.getItem(KEY);
}

export function holdToken(token: string): void {
  keeper.setItem(KEY, token);
}

export function dropToken(): void {
  keeper.removeItem(KEY);
}
