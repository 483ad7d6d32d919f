/** Passkeys in this browser: asked for by the server, held by the device. */

import { connect, ok, Problem } from "@cas/shared/api";
import { thisDevice } from "@cas/shared/device_label";
import type { Session } from "@cas/shared/wire";

const api = connect(() => null);

export const passkeysWork = (): boolean =>
  "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;

/** Nothing is typed: the device knows whose passkeys it holds, and checks finger, face or PIN. */
export async function signInWithPasskey(): Promise<Session> {
  const body = { credential: await answerChallenge(), device: thisDevice() };
  return ok(api.POST("/v1/sessions/passkey", { body }));
}

/** What a passkey of this device says to a new challenge of the server. */
export async function answerChallenge(): Promise<Record<string, unknown>> {
  const { options } = await ok(api.POST("/v1/passkey-challenges"));
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  const held = await navigator.credentials.get({ publicKey }).catch((): never => {
    throw new Problem("passkey_not_given", 0);
  });
  if (!(held instanceof PublicKeyCredential)) throw new Problem("passkey_not_given", 0);
  return held.toJSON();
}

/** What enrols a passkey on this device. */
export async function makePasskey(
  options: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const made = await navigator.credentials.create({ publicKey }).catch((): never => {
    throw new Problem("passkey_not_given", 0);
  });
  if (!(made instanceof PublicKeyCredential)) throw new Problem("passkey_not_given", 0);
  return made.toJSON();
}
