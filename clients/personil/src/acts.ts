/** What a called officer asks of the server, one verb each. */

import { connect, ok } from "@cas/shared/api";
import type { Wallet } from "@cas/shared/press/wallet";
import type {
  Disposition,
  DrillCall,
  DutyStretch,
  DutyView,
  OfferView,
  OfficerReport,
  PastTask,
  RevealedReporter,
} from "@cas/shared/wire";
import type { KeptFix } from "./fixes";

const BATCH_WITHIN_MS = 60_000;
/** A picture on a weak network, and others before it. */
const PICTURE_WITHIN_MS = 90_000;

export class Orders {
  readonly #wallet: Wallet;
  readonly #api = connect(() => this.#wallet.credentials?.token ?? null);
  readonly #slow = connect(() => this.#wallet.credentials?.token ?? null, BATCH_WITHIN_MS);
  readonly #camera = connect(() => this.#wallet.credentials?.token ?? null, PICTURE_WITHIN_MS);

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

  askBackup(offerId: string): Promise<OfferView> {
    const params = { path: { offer_id: offerId } };
    return ok(this.#api.POST("/v1/offers/{offer_id}/backup", { params }));
  }

  report(offerId: string, disposition: Disposition, note: string): Promise<OfferView> {
    const params = { path: { offer_id: offerId } };
    const body = { disposition, note };
    return ok(this.#api.PUT("/v1/offers/{offer_id}/report", { params, body }));
  }

  ownReport(offerId: string): Promise<OfficerReport> {
    const params = { path: { offer_id: offerId } };
    return ok(this.#api.GET("/v1/offers/{offer_id}/report", { params }));
  }

  /** Of the scene, to one's report; repeating it with the same id adds it once. */
  async addPicture(offerId: string, pictureId: string, picture: Blob): Promise<void> {
    const sent = this.#camera.PUT("/v1/offers/{offer_id}/pictures/{picture_id}", {
      params: { path: { offer_id: offerId, picture_id: pictureId } },
      // The wire's type for bytes is a string; they go as they are.
      body: picture as unknown as string,
      bodySerializer: () => picture,
      headers: { "Content-Type": picture.type || "application/octet-stream" },
    });
    await ok(sent);
  }

  /** One picture of an alarm one is on. */
  picture(alarmId: string, pictureId: string): Promise<Blob> {
    const params = { path: { alarm_id: alarmId, picture_id: pictureId } };
    const address = "/v1/alarms/{alarm_id}/pictures/{picture_id}";
    return ok(this.#camera.GET(address, { params, parseAs: "blob" }));
  }

  drills(): Promise<DrillCall[]> {
    return ok(this.#api.GET("/v1/own-drill-calls"));
  }

  receiveDrill(drillId: string): Promise<DrillCall[]> {
    const params = { path: { drill_id: drillId } };
    return ok(this.#api.POST("/v1/own-drill-calls/{drill_id}/receipt", { params }));
  }

  pastTasks(before: string | null, limit: number): Promise<PastTask[]> {
    const query = before === null ? { limit } : { before, limit };
    return ok(this.#api.GET("/v1/past-tasks", { params: { query } }));
  }

  stretches(limit: number): Promise<DutyStretch[]> {
    return ok(this.#api.GET("/v1/duty/stretches", { params: { query: { limit } } }));
  }

  reveal(alarmId: string, reason: string): Promise<RevealedReporter> {
    const params = { path: { alarm_id: alarmId } };
    return ok(this.#api.POST("/v1/alarms/{alarm_id}/reveals", { params, body: { reason } }));
  }
}
