/** This device at its site: which site that is, whether the counter is open, and its line. */

import { newId } from "@cas/shared/browser";
import { keeper } from "@cas/shared/keeper";
import { t } from "@cas/shared/language";
import type { Phone } from "@cas/shared/press/phone.svelte.ts";
import { explain } from "@cas/shared/text";
import type { OwnInstansi, OwnSite } from "@cas/shared/wire";
import { InstansiActs } from "./acts";

const SITE = "cas.instansi.site";
const CLOSED = "cas.instansi.closed";
const LOOK_EVERY_MS = 1_000;
/** The desk asks after two and a half minutes of silence. */
const SAY_EVERY_MS = 60_000;
const OWN_EVERY_MS = 15 * 60_000;
/** A counter that has no list yet cannot press from its site. */
const FAILED_EVERY_MS = 5_000;

export class Counter {
  readonly acts: InstansiActs;
  readonly #phone: Phone;
  own = $state.raw<OwnInstansi | null>(null);
  /** Kept whole: the page must say where it stands also when it opens without a network. */
  kept = $state.raw<OwnSite | null>(read());
  closed = $state(keeper.getItem(CLOSED) !== null);
  fault = $state<string | null>(null);
  readonly site = $derived<OwnSite | null>(
    this.kept === null
      ? null
      : (this.own?.sites.find((site) => site.id === this.kept?.id) ?? this.kept),
  );
  readonly manager = $derived(this.own?.manager === true);
  #saidAtMs = 0;
  #askedAtMs = 0;
  #askedAs: string | null = null;
  #busy = false;

  constructor(phone: Phone) {
    this.#phone = phone;
    this.acts = new InstansiActs(() => phone.wallet.credentials?.token ?? null);
  }

  get device(): string {
    return this.#phone.wallet.device(() => newId(Date.now()));
  }

  /** Where the alarm comes from, in the words of a text message. */
  get where(): string | null {
    return this.site === null ? null : `${this.site.name}, ${this.site.address}`;
  }

  start(): () => void {
    const timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }

  choose(site: OwnSite | null): void {
    const before = this.kept;
    if (before !== null && before.id !== site?.id) {
      void this.acts.closeLine(before.id, this.device).catch(() => undefined);
    }
    this.#keep(site);
    this.setClosed(false);
  }

  /** What the manager has changed is what is shown from now on. */
  changed(site: OwnSite): void {
    if (this.own !== null) {
      const sites = this.own.sites.map((one) => (one.id === site.id ? site : one));
      this.own = { ...this.own, sites };
    }
    if (this.kept?.id === site.id) this.#keep(site);
  }

  /** Going home is not a line that is lost. */
  async shut(): Promise<void> {
    this.setClosed(true);
    if (this.kept !== null) await this.acts.closeLine(this.kept.id, this.device);
  }

  setClosed(closed: boolean): void {
    this.closed = closed;
    this.#saidAtMs = 0;
    if (closed) keeper.setItem(CLOSED, "1");
    else keeper.removeItem(CLOSED);
  }

  async leave(): Promise<void> {
    await this.shut().catch(() => undefined);
    this.own = null;
    this.#keep(null);
    this.setClosed(false);
    this.#phone.leave();
  }

  async ask(): Promise<void> {
    this.#askedAtMs = Date.now();
    this.#askedAs = this.#phone.wallet.credentials?.token ?? null;
    this.fault = null;
    try {
      this.own = await this.acts.own();
      const now = this.own.sites.find((site) => site.id === this.kept?.id);
      // A site that is no longer theirs is no place to send anybody to.
      if (this.kept !== null) this.#keep(now ?? null);
    } catch (problem) {
      this.fault = explain(problem, t.problem);
    }
  }

  async #look(): Promise<void> {
    const { signedIn, stale } = this.#phone;
    if (!signedIn || stale || this.#busy) return;
    this.#busy = true;
    try {
      await this.#say();
    } catch {
      // Said again in a moment; the desk sees it if it stays so.
    } finally {
      this.#busy = false;
    }
  }

  async #say(): Promise<void> {
    const nowMs = Date.now();
    const another = this.#askedAs !== this.#phone.wallet.credentials?.token;
    const every = this.fault === null ? OWN_EVERY_MS : FAILED_EVERY_MS;
    if (another || nowMs - this.#askedAtMs > every) await this.ask();
    const { kept } = this;
    if (kept === null || this.closed || nowMs - this.#saidAtMs < SAY_EVERY_MS) return;
    this.#saidAtMs = nowMs;
    await this.acts.keepLine(kept.id, this.device);
    await this.#phone.askContacts({
      lat: kept.lat,
      lon: kept.lon,
      accuracy_m: 0,
      fixedAtMs: nowMs,
    });
  }

  #keep(site: OwnSite | null): void {
    this.kept = site;
    if (site === null) keeper.removeItem(SITE);
    // Without the contact persons: whoever finds this device need not learn their numbers.
    else keeper.setItem(SITE, JSON.stringify({ ...site, contacts: [] }));
  }
}

function read(): OwnSite | null {
  try {
    return JSON.parse(keeper.getItem(SITE) ?? "null") as OwnSite | null;
  } catch {
    return null;
  }
}
