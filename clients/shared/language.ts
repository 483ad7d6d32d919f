/** Which language this browser reads; Indonesian unless the person chose otherwise. */

import { en } from "./strings.en";
import { id, type Strings } from "./strings.id";

const KEY = "cas.language";

export const t: Strings = localStorage.getItem(KEY) === "en" ? en : id;

export function otherLanguage(): void {
  localStorage.setItem(KEY, t === en ? "id" : "en");
  location.reload();
}
