/** The key pair this phone signs its presses with: made here, kept here, unable to leave. */

import { base64, base64url } from "../base64";

/** What is kept: the name the server knows the key by, and the half that signs. */
export interface KeptKey {
  readonly keyId: string;
  readonly privateKey: CryptoKey;
}

/** Where keys rest: IndexedDB takes a key that cannot be read out, local storage does not. */
export interface KeyDrawer {
  load(): Promise<KeptKey | null>;
  save(key: KeptKey | null): Promise<void>;
}

/** Longer than this a press does not wait for its signature: it goes without one. */
const PATIENCE_MS = 800;
const ED25519 = { name: "Ed25519" } as const;
const COVERED = '("@method" "@path" "content-digest")';

export class PressKey {
  readonly #drawer: KeyDrawer;
  #key: KeptKey | null = null;
  #making: Promise<void> | null = null;

  constructor(drawer: KeyDrawer) {
    this.#drawer = drawer;
  }

  /** Have a key, making and registering one if need be. Browsers without Ed25519 go without. */
  ready(register: (publicKey: string) => Promise<string>): Promise<void> {
    this.#making ??= this.#make(register).finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  /** For whoever signs in next: a key belongs to one account. */
  async forget(): Promise<void> {
    this.#key = null;
    await this.#drawer.save(null).catch(() => undefined);
  }

  /** Sign a request if that is possible now; if not, it is sent as it is. */
  async sign(request: Request): Promise<void> {
    const late = new Promise<null>((done) => setTimeout(done, PATIENCE_MS, null));
    const signed = this.#headers(request.clone()).catch(() => null);
    const headers = await Promise.race([signed, late]);
    for (const [name, value] of headers ?? []) request.headers.set(name, value);
  }

  async #make(register: (publicKey: string) => Promise<string>): Promise<void> {
    try {
      if ((await this.#held()) !== null) return;
      const pair = await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"]);
      const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
      const keyId = await register(base64url(raw));
      this.#key = { keyId, privateKey: pair.privateKey };
      await this.#drawer.save(this.#key);
    } catch {
      // No Ed25519, no TLS, no room or no network: presses go with the press credential alone,
      // and the next start of the page tries again.
    }
  }

  async #held(): Promise<KeptKey | null> {
    this.#key ??= await this.#drawer.load();
    return this.#key;
  }

  async #headers(request: Request): Promise<[string, string][]> {
    const key = await this.#held();
    if (key === null) return [];
    const body = await request.arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    const digest = `sha-256=:${base64(hash)}:`;
    const nonce = base64url(crypto.getRandomValues(new Uint8Array(18)));
    const created = Math.floor(Date.now() / 1_000);
    const told = `${COVERED};created=${created};nonce="${nonce}";keyid="${key.keyId}";alg="ed25519"`;
    const base = [
      `"@method": ${request.method}`,
      `"@path": ${new URL(request.url).pathname}`,
      `"content-digest": ${digest}`,
      `"@signature-params": ${told}`,
    ].join("\n");
    const bytes = new TextEncoder().encode(base);
    const signature = new Uint8Array(await crypto.subtle.sign(ED25519, key.privateKey, bytes));
    return [
      ["Content-Digest", digest],
      ["Signature-Input", `press=${told}`],
      ["Signature", `press=:${base64(signature)}:`],
    ];
  }
}
