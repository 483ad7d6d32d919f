/** Which officers the desk looks at: filters for list and map, one to follow, how far they reach. */

import { standing } from "@cas/shared/standing";
import type { PersonilView } from "@cas/shared/wire";

export type Freshness = "all" | "fresh" | "stale";

/** About 2, 5 and 12 minutes of driving in town. */
export const REACHES_M = [0, 1_000, 2_500, 6_000] as const;

export class OfficerLayer {
  satuan = $state("");
  skill = $state("");
  freshness = $state<Freshness>("all");
  reachM = $state(0);
  followedId = $state<string | null>(null);

  readonly filtering = $derived(
    this.satuan !== "" || this.skill !== "" || this.freshness !== "all",
  );

  passes(one: PersonilView, nowMs: number): boolean {
    if (this.satuan !== "" && one.satuan_name !== this.satuan) return false;
    if (this.skill !== "" && !one.skills.includes(this.skill)) return false;
    if (this.freshness === "all") return true;
    return (standing(one, nowMs) === "stale") === (this.freshness === "stale");
  }

  clear(): void {
    this.satuan = "";
    this.skill = "";
    this.freshness = "all";
  }

  follow(id: string | null): void {
    this.followedId = this.followedId === id ? null : id;
  }
}
