/** What the note of a new version says, in the language in use. */

import { t } from "./language";
import { update as en } from "./update.en";
import { update as id } from "./update.id";

export const words = t.locale === "id-ID" ? id : en;
