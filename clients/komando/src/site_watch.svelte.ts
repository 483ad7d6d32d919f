/** Sites whose line is lost and drills that are held, looked for now and then. */

import { connect, ok } from "@cas/shared/api";
import type { SiteWatch } from "@cas/shared/wire";
import { heldToken } from "./credential";

const LOOK_EVERY_MS = 20_000;
const api = connect(heldToken);

export class Sites {
  watch = $state.raw<SiteWatch | null>(null);
  /** What is shown is as old as the last look that succeeded. */
  failed = $state(false);

  start(): () => void {
    void this.look();
    const timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }

  async look(): Promise<void> {
    try {
      this.watch = await ok(api.GET("/v1/site-watch"));
      this.failed = false;
    } catch {
      this.failed = true;
    }
  }

  async answer(drillId: string): Promise<void> {
    const params = { path: { drill_id: drillId } };
    await ok(api.POST("/v1/drills/{drill_id}/answer", { params }));
    await this.look();
  }

  /** Whether drills at the site may tell officers in the time that was asked for. */
  async agree(windowId: string, agreed: boolean): Promise<void> {
    const params = { path: { window_id: windowId } };
    await ok(api.PUT("/v1/drill-windows/{window_id}/agreement", { params, body: { agreed } }));
    await this.look();
  }
}
