/** Signing in through the Polda's own OpenID provider, for houses that have one. */

import { connect, ok } from "@cas/shared/api";
import { thisDevice } from "@cas/shared/device_label";
import type { Session } from "@cas/shared/wire";

const api = connect(() => null);

export async function isProviderOffered(): Promise<boolean> {
  const { offered } = await ok(api.GET("/v1/oidc")).catch(() => ({ offered: false }));
  return offered;
}

/** What the callback left behind the #: a one-time code, a fault, or nothing. Read once. */
export function broughtBack(): { readonly code: string | null; readonly fault: string | null } {
  const said = new URLSearchParams(location.hash.slice(1));
  const brought = { code: said.get("oidc"), fault: said.get("oidc_fault") };
  if (brought.code !== null || brought.fault !== null) {
    history.replaceState(null, "", location.pathname);
  }
  return brought;
}

export function signInWithCode(code: string): Promise<Session> {
  return ok(api.POST("/v1/sessions/oidc", { body: { code, device: thisDevice() } }));
}
