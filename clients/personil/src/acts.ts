/** What a called officer asks of the server, one verb each. */

import { connect, ok } from "@cas/shared/api";
import type { Wallet } from "@cas/shared/press/wallet";
import type { DutyView, OfferView, RevealedReporter } from "@cas/shared/wire";
import type { KeptFix } from "./fixes";

const BATCH_WITHIN_MS = 60_000;

export class Orders {
  readonly #wallet: Wallet;
  readonly #api = connect(() => this.#wallet.credentials?.token ?? null);
  readonly #slow = connect(() => this.#wallet.credentials?.token ?? null, BATCH_WITHIN_MS);

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
  }

  beginDuty(availability: "available" | "break"): Promise<DutyView> {
    return ok(this.#api.PUT("/v1/duty", { body: { availability } }));
  }

  endDuty(): Promise<DutyView> {
    return ok(this.#api.DELETE("/v1/duty"));
  }

  /** Those the server leaves out are old or impossible, and would be again. */
  async sendFixes(fixes: KeptFix[]): Promise<void> {
    await ok(this.#slow.POST("/v1/fixes", { body: { fixes } }));
  }

  async receive(offerId: string): Promise<void> {
    const params = { path: { offer_id: offerId } };
    await ok(this.#api.POST("/v1/offers/{offer_id}/receipt", { params }));
  }

  accept(offerId: string): Promise<OfferView> {
    const params = { path: { offer_id: offerId } };
    return ok(this.#api.POST("/v1/offers/{offer_id}/acceptance", { params }));
  }

  decline(offerId: string, reason: string): Promise<OfferView> {
    const params = { path: { offer_id: offerId } };
    return ok(this.#api.POST("/v1/offers/{offer_id}/refusal", { params, body: { reason } }));
  }

  step(
    offerId: string,
    step: "en_route" | "on_scene" | "released",
    reason: string | null = null,
  ): Promise<OfferView> {
    const params = { path: { offer_id: offerId } };
    return ok(this.#api.POST("/v1/offers/{offer_id}/steps", { params, body: { step, reason } }));
  }

  reveal(alarmId: string, reason: string): Promise<RevealedReporter> {
    const params = { path: { alarm_id: alarmId } };
    return ok(this.#api.POST("/v1/alarms/{alarm_id}/reveals", { params, body: { reason } }));
  }
}
