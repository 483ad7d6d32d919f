/** What only the desk says, in the language in use: apart, so that no phone loads it. */

import { deskWatch as watchEn } from "./desk_watch.en";
import { deskWatch as watchId } from "./desk_watch.id";
import { t } from "./language";

const id = { watch: watchId };
const en: typeof id = { watch: watchEn };

export const d = t.locale === "id-ID" ? id : en;
