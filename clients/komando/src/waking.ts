/** This browser, woken when there is an alarm and the page is closed. */

import { Wake } from "@cas/shared/wake.svelte.ts";
import { heldToken } from "./credential";

export const wake = new Wake(heldToken);
