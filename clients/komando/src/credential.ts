/** The credential of this tab: it outlives a reload, not the closing of the tab. */

const KEY = "cas.komando.token";

export function heldToken(): string | null {
  return sessionStorage.getItem(KEY);
}

export function holdToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

export function dropToken(): void {
  sessionStorage.removeItem(KEY);
}
