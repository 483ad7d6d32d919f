/** Signing in, step by step: each answer brings a new token and says what is still missing. */

import { connect, ok } from "@cas/shared/api";
import { thisDevice } from "@cas/shared/device_label";
import type { Session } from "@cas/shared/wire";
import { FactorActs } from "./factor_acts";

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
  const body = { username, password, device: thisDevice() };
  return hold(await ok(api.POST("/v1/sessions", { body })));
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

export const factors = new FactorActs(api, hold);
