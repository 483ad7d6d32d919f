/** Signing in, step by step: each answer brings a new token and says what is still missing. */

import { connect, ok } from "@cas/shared/api";
import type { FactorAdded, Session, TotpOffer } from "@cas/shared/wire";
import { makePasskey } from "./passkeys";

// In memory only: a sign-in that is half done does not outlive a reload.
let token: string | null = null;
const api = connect(() => token);

/** Go on with this sign-in, also one that a passkey or the provider opened. */
export function hold(session: Session): Session {
  token = session.token;
  return session;
}

export async function givePassword(username: string, password: string): Promise<Session> {
  token = null;
  return hold(await ok(api.POST("/v1/sessions", { body: { username, password } })));
}

/** Six digits are the app's code; anything else is taken for a recovery code. */
export async function giveCode(typed: string): Promise<Session> {
  const digits = typed.replaceAll(" ", "");
  const isApps = /^\d{6}$/.test(digits);
  const body = isApps
    ? { kind: "totp" as const, code: digits }
    : { kind: "recovery_code" as const, code: typed };
  return hold(await ok(api.POST("/v1/sessions/current/second-factor", { body })));
}

export function offerApp(): Promise<TotpOffer> {
  return ok(api.POST("/v1/account/totp"));
}

export async function confirmApp(typed: string): Promise<FactorAdded> {
  const body = { code: typed.replaceAll(" ", "") };
  const added = await ok(api.POST("/v1/account/totp/confirmation", { body }));
  hold(added.session);
  return added;
}

export async function addPasskey(name: string): Promise<FactorAdded> {
  const { options } = await ok(api.POST("/v1/account/passkeys/options"));
  const credential = await makePasskey(options);
  const added = await ok(api.POST("/v1/account/passkeys", { body: { name, credential } }));
  hold(added.session);
  return added;
}

export async function changePassword(old: string, fresh: string): Promise<Session> {
  const changed = await ok(api.POST("/v1/account/password", { body: { old, new: fresh } }));
  return hold(changed.session);
}
