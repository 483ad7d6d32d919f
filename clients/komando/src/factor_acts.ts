/** Passwords and second factors are added, with whatever sign-in is at hand. */

import { type Api, ok, Problem } from "@cas/shared/api";
import type { FactorAdded, PasswordChanged, Session, TotpOffer } from "@cas/shared/wire";
import { makePasskey } from "./passkeys";

export class FactorActs {
  readonly #api: Api;
  readonly #hold: (session: Session) => void;

  constructor(api: Api, hold: (session: Session) => void) {
    this.#api = api;
    this.#hold = hold;
  }

  offerApp(): Promise<TotpOffer> {
    return ok(this.#api.POST("/v1/account/totp"));
  }

  async confirmApp(typed: string): Promise<FactorAdded> {
    const body = { code: typed.replaceAll(" ", "") };
    const added = await ok(this.#api.POST("/v1/account/totp/confirmation", { body }));
    this.#hold(added.session);
    return added;
  }

  async addPasskey(name: string): Promise<FactorAdded> {
    const { options } = await ok(this.#api.POST("/v1/account/passkeys/options"));
    const credential = await makePasskey(options);
    const body = { name, credential };
    const added = await ok(this.#api.POST("/v1/account/passkeys", { body }));
    this.#hold(added.session);
    return added;
  }

  /** What the rules refuse is told as that: which field it was says whose fault it is. */
  async changePassword(old: string, fresh: string, again: string): Promise<PasswordChanged> {
    if (fresh !== again) throw new Problem("passwords_differ", 0);
    const body = { old, new: fresh };
    const changed = await ok(this.#api.POST("/v1/account/password", { body })).catch((fault) => {
      throw isRefused(fault) ? new Problem(refusal(fault), fault.status, fault.facts) : fault;
    });
    this.#hold(changed.session);
    return changed;
  }
}

const isRefused = (fault: unknown): fault is Problem =>
  fault instanceof Problem && fault.code === "invalid_input";

const refusal = (fault: Problem): string =>
  fault.facts.field === "old" ? "proof_refused" : "password_refused";
