/** Which language this browser reads; Indonesian unless the person chose otherwise. */

import { keeper } from "./keeper";
import { id, type Strings } from "./strings.id";

const KEY = "cas.language";
const isEnglish = keeper.getItem(KEY) === "en";

// A file of its own: whoever reads Indonesian, on a slow network, does not wait for it.
export const t: Strings = isEnglish ? (await import("./strings.en")).en : id;

export function otherLanguage(): void {
  keeper.setItem(KEY, isEnglish ? "id" : "en");
  location.reload();
}
