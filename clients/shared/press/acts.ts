/** What whoever can press asks of the server, one verb each. */

import { connect, ok, Problem } from "../api";
import { thisDevice } from "../device_label";
import type { FeatureCollection } from "../map_features";
import type {
  AlarmKind,
  ConsentText,
  OwnAlarmView,
  OwnDevice,
  Place,
  PoliceContacts,
  PressReceipt,
} from "../wire";
import type { PressKey } from "./press_key";
import type { Credentials, Position, Press, Wallet } from "./wallet";

export interface CodeAsked {
  readonly codeId: string;
  readonly phone: string;
  /** By this phone's clock, which may be wrong: counted from when the answer came. */
  readonly overAtMs: number;
  readonly askAgainAtMs: number;
  readonly scarce: boolean;
  readonly role: CodeRole;
}

/** As whom: one number may be a citizen's and, at work, a petugas's. */
export type CodeRole = "instansi" | null;

/** A picture on a weak network, and others before it. */
const PICTURE_WITHIN_MS = 90_000;
/** A code is sent once and works once: whoever gave up early would need, and wait for, another. */
const CODE_WITHIN_MS = 60_000;

export class Acts {
  readonly #wallet: Wallet;
  // One hand each: pressing must work with the press-only credential when the session is over.
  readonly #api = connect(() => this.#wallet.credentials?.token ?? null);
  readonly #camera = connect(() => this.#wallet.credentials?.token ?? null, PICTURE_WITHIN_MS);
  readonly #newcomer = connect(() => null, CODE_WITHIN_MS);
  readonly #button = connect(() => this.#wallet.credentials?.pressToken ?? null);

  constructor(wallet: Wallet, key: PressKey) {
    this.#wallet = wallet;
    // Anew at every try: the signature also says when it was sent.
    this.#button.use({ onRequest: ({ request }) => key.sign(request) });
  }

  async askCode(phone: string, device: string, role: CodeRole): Promise<CodeAsked> {
    const sent = await ok(this.#newcomer.POST("/v1/codes", { body: { phone, device } }));
    const nowMs = Date.now();
    return {
      codeId: sent.code_id,
      phone,
      overAtMs: nowMs + sent.expires_in_s * 1_000,
      askAgainAtMs: nowMs + sent.ask_again_after_s * 1_000,
      scarce: sent.scarce,
      role,
    };
  }

  async verify(asked: CodeAsked, code: string, name: string, device: string): Promise<Credentials> {
    const signedIn = await ok(
      this.#newcomer.POST("/v1/codes/{code_id}/verification", {
        params: { path: { code_id: asked.codeId } },
        body: { code, device, name: name || null, label: thisDevice(), role: asked.role },
      }),
    );
    return {
      token: signedIn.token,
      pressToken: signedIn.press_token,
      phone: asked.phone,
      unconfirmed: signedIn.awaiting_confirmation,
      consentWanted: signedIn.account.consent_wanted !== null,
    };
  }

  devices(): Promise<OwnDevice[]> {
    return ok(this.#api.GET("/v1/account/devices"));
  }

  /** "Not me": that device is out at once. */
  async disown(id: string): Promise<void> {
    const params = { path: { own_device_id: id } };
    await ok(this.#api.DELETE("/v1/account/devices/{own_device_id}", { params }));
  }

  /** A Personil confirms this phone with the code that was printed for them. */
  async activate(code: string): Promise<void> {
    await ok(this.#api.POST("/v1/account/device-activation", { body: { code } }));
  }

  contacts(lat: number, lon: number): Promise<PoliceContacts> {
    return ok(this.#api.GET("/v1/contacts", { params: { query: { lat, lon } } }));
  }

  consentText(): Promise<ConsentText> {
    return ok(this.#api.GET("/v1/consent-text"));
  }

  async agree(version: string): Promise<void> {
    await ok(this.#api.POST("/v1/account/consents", { body: { version } }));
  }

  async registerKey(publicKey: string, device: string): Promise<string> {
    const body = { public_key: publicKey, device };
    return (await ok(this.#api.POST("/v1/press-keys", { body }))).key_id;
  }

  async press(press: Press): Promise<PressReceipt> {
    const { position } = press;
    const body = {
      site_id: press.siteId ?? null,
      pressed_at: press.pressedAt,
      silent: press.silent === true,
      battery_percent: press.batteryPercent ?? null,
      callback_phone: this.#wallet.credentials?.phone ?? null,
      // The age as it is now, not as it was when the button closed: this may be the tenth try.
      position: position && {
        lat: position.lat,
        lon: position.lon,
        accuracy_m: position.accuracy_m,
        age_s: Math.max(0, (Date.now() - position.fixedAtMs) / 1_000),
      },
    };
    const params = { path: { alarm_id: press.id } };
    const receipt = await ok(this.#button.PUT("/v1/alarms/{alarm_id}", { params, body }));
    // A 2xx without a receipt came from something between here and the server: not heard yet.
    if (receipt === undefined) throw new Problem("unreachable", 0);
    return receipt;
  }

  /** False when nobody follows this alarm any more. */
  async follow(alarmId: string, position: Position): Promise<boolean> {
    const fix = {
      lat: position.lat,
      lon: position.lon,
      accuracy_m: position.accuracy_m,
      fixed_at: new Date(position.fixedAtMs).toISOString(),
    };
    const params = { path: { alarm_id: alarmId } };
    const sent = this.#api.POST("/v1/own-alarms/{alarm_id}/fixes", {
      params,
      body: { fixes: [fix] },
    });
    return (await ok(sent)).accepted > 0;
  }

  /** Repeating it with the same id adds it once. */
  async addPicture(alarmId: string, pictureId: string, picture: Blob): Promise<void> {
    const sent = this.#camera.PUT("/v1/alarms/{alarm_id}/pictures/{picture_id}", {
      params: { path: { alarm_id: alarmId, picture_id: pictureId } },
      // The wire's type for bytes is a string; they go as they are.
      body: picture as unknown as string,
      bodySerializer: () => picture,
      headers: { "Content-Type": picture.type || "application/octet-stream" },
    });
    await ok(sent);
  }

  /** As `addPicture`. */
  async addSound(alarmId: string, soundId: string, sound: Blob): Promise<void> {
    const sent = this.#camera.PUT("/v1/alarms/{alarm_id}/sounds/{sound_id}", {
      params: { path: { alarm_id: alarmId, sound_id: soundId } },
      body: sound as unknown as string,
      bodySerializer: () => sound,
      headers: { "Content-Type": sound.type || "application/octet-stream" },
    });
    await ok(sent);
  }

  /** Say what it is, or something more; a note is added to those before. */
  describe(alarmId: string, kind: AlarmKind | null, note: string): Promise<OwnAlarmView> {
    const params = { path: { alarm_id: alarmId } };
    const body = { kind, note };
    return ok(this.#api.POST("/v1/own-alarms/{alarm_id}/description", { params, body }));
  }

  place(alarmId: string, place: Place): Promise<OwnAlarmView> {
    const params = { path: { alarm_id: alarmId } };
    return ok(this.#api.POST("/v1/own-alarms/{alarm_id}/place", { params, body: place }));
  }

  /** In about how many minutes somebody is there; null when nobody can say. */
  async arrival(alarmId: string): Promise<number | null> {
    const params = { path: { alarm_id: alarmId } };
    return (await ok(this.#api.GET("/v1/own-alarms/{alarm_id}/arrival", { params }))).about_minutes;
  }

  past(before: string | null, limit: number): Promise<OwnAlarmView[]> {
    const query = before === null ? { limit } : { before, limit };
    return ok(this.#api.GET("/v1/own-alarms/past", { params: { query } }));
  }

  async wilayah(): Promise<FeatureCollection> {
    const params = { query: { kind: "kecamatan" as const } };
    return (await ok(this.#api.GET("/v1/wilayah", { params }))) as FeatureCollection;
  }

  cancel(alarmId: string, reason: string, duress = false): Promise<OwnAlarmView> {
    const params = { path: { alarm_id: alarmId } };
    return ok(
      this.#api.POST("/v1/own-alarms/{alarm_id}/cancellation", {
        params,
        body: { reason, duress },
      }),
    );
  }
}
