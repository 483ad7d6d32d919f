/** What staff ask about their own account: sign-ins, password, second factors, proofs. */

import { connect, ok, Problem } from "@cas/shared/api";
import type {
  FactorAdded,
  Factors,
  PasswordChanged,
  Session,
  SignIn,
  TotpOffer,
} from "@cas/shared/wire";
import { heldToken, holdToken } from "./credential";
import { FactorActs } from "./factor_acts";
import { answerChallenge } from "./passkeys";
import { proved } from "./proof.svelte";

const api = connect(heldToken);
const hold = (session: Session): void => holdToken(session.token);
const own = new FactorActs(api, hold);

export function signIns(): Promise<SignIn[]> {
  return ok(api.GET("/v1/sessions"));
}

export async function endSignIn(id: string): Promise<void> {
  const params = { path: { sign_in_id: id } };
  await proved(() => ok(api.DELETE("/v1/sessions/{sign_in_id}", { params })));
}

export async function endOthers(): Promise<number> {
  return (await proved(() => ok(api.DELETE("/v1/sessions/others")))).ended;
}

export function factors(): Promise<Factors> {
  return ok(api.GET("/v1/account/second-factors"));
}

export function changePassword(
  old: string,
  fresh: string,
  again: string,
): Promise<PasswordChanged> {
  return own.changePassword(old, fresh, again);
}

export function offerApp(): Promise<TotpOffer> {
  return proved(() => own.offerApp());
}

export function confirmApp(code: string): Promise<FactorAdded> {
  return proved(() => own.confirmApp(code));
}

export async function dropApp(): Promise<void> {
  await proved(() => ok(api.DELETE("/v1/account/totp")));
}

export function addPasskey(name: string): Promise<FactorAdded> {
  return proved(() => own.addPasskey(name));
}

export async function dropPasskey(id: string): Promise<void> {
  const params = { path: { passkey_id: id } };
  await proved(() => ok(api.DELETE("/v1/account/passkeys/{passkey_id}", { params })));
}

export async function renewCodes(): Promise<readonly string[]> {
  return (await proved(() => ok(api.POST("/v1/account/recovery-codes")))).recovery_codes;
}

/** The password or the app's code shows who is there; the sign-in goes on under a new token. */
export async function prove(kind: "password" | "totp", typed: string): Promise<void> {
  const secret = kind === "totp" ? typed.replaceAll(" ", "") : typed;
  const asked = ok(api.POST("/v1/sessions/current/step-up", { body: { kind, secret } }));
  hold(
    await asked.catch((fault) => {
      const isWrong = fault instanceof Problem && fault.code === "invalid_input";
      throw isWrong ? new Problem("proof_refused", fault.status) : fault;
    }),
  );
}

export async function proveByPasskey(): Promise<void> {
  const body = { credential: await answerChallenge() };
  hold(await ok(api.POST("/v1/sessions/current/step-up/passkey", { body })));
}
