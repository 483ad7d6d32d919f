/** What an Instansi's people ask of the server beside pressing, one verb each. */

import { type Api, connect, ok } from "@cas/shared/api";
import { thisDevice } from "@cas/shared/device_label";
import type {
  Drill,
  DrillWindow,
  OwnDrills,
  OwnInstansi,
  OwnSite,
  Petugas,
  SiteChange,
} from "@cas/shared/wire";

export interface NewPetugas {
  readonly name: string;
  readonly phone: string;
  readonly manager: boolean;
}

export class InstansiActs {
  readonly #api: Api;

  constructor(token: () => string | null) {
    this.#api = connect(token);
  }

  own(): Promise<OwnInstansi> {
    return ok(this.#api.GET("/v1/own-instansi"));
  }

  async keepLine(siteId: string, device: string): Promise<void> {
    const body = { device, label: thisDevice() };
    await ok(this.#api.PUT("/v1/own-sites/{site_id}/line", { ...at(siteId), body }));
  }

  async closeLine(siteId: string, device: string): Promise<void> {
    const params = { path: { site_id: siteId }, query: { device } };
    await ok(this.#api.DELETE("/v1/own-sites/{site_id}/line", { params }));
  }

  changeSite(siteId: string, body: SiteChange): Promise<OwnSite> {
    return ok(this.#api.PUT("/v1/own-sites/{site_id}", { ...at(siteId), body }));
  }

  drills(siteId: string): Promise<OwnDrills> {
    return ok(this.#api.GET("/v1/own-sites/{site_id}/drills", at(siteId)));
  }

  beginDrill(id: string, siteId: string): Promise<Drill> {
    const params = { path: { drill_id: id } };
    return ok(this.#api.PUT("/v1/drills/{drill_id}", { params, body: { site_id: siteId } }));
  }

  /** The id is made by the form, so that sending twice asks once. */
  askForOfficers(
    siteId: string,
    id: string,
    fromAt: string,
    untilAt: string,
  ): Promise<DrillWindow> {
    const params = { path: { site_id: siteId, window_id: id } };
    const body = { from_at: fromAt, until_at: untilAt };
    return ok(this.#api.PUT("/v1/own-sites/{site_id}/drill-windows/{window_id}", { params, body }));
  }

  drill(id: string): Promise<Drill> {
    return ok(this.#api.GET("/v1/drills/{drill_id}", { params: { path: { drill_id: id } } }));
  }

  endDrill(id: string): Promise<Drill> {
    return ok(this.#api.POST("/v1/drills/{drill_id}/end", { params: { path: { drill_id: id } } }));
  }

  people(): Promise<Petugas[]> {
    return ok(this.#api.GET("/v1/petugas"));
  }

  /** The id is made by the form, so that sending twice adds one. */
  putPetugas(id: string, body: NewPetugas): Promise<Petugas> {
    const params = { path: { petugas_id: id } };
    return ok(this.#api.PUT("/v1/petugas/{petugas_id}", { params, body }));
  }

  removePetugas(id: string): Promise<Petugas> {
    const params = { path: { petugas_id: id } };
    return ok(this.#api.DELETE("/v1/petugas/{petugas_id}", { params }));
  }

  restorePetugas(id: string): Promise<Petugas> {
    const params = { path: { petugas_id: id } };
    return ok(this.#api.POST("/v1/petugas/{petugas_id}/restoration", { params }));
  }
}

const at = (siteId: string) => ({ params: { path: { site_id: siteId } } });
