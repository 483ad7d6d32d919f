/** What is said of being woken, in the language in use: only those apps load it that are woken. */

import { t } from "./language";
import { waking as en } from "./waking.en";
import { waking as id } from "./waking.id";

export const words = t.locale === "id-ID" ? id : en;
