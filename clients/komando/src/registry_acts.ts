/** What an admin can ask of the registry: one record at a time. */

import { connect, ok } from "@cas/shared/api";
import type { PersonilChanged, PersonilForm, PersonilPage } from "@cas/shared/wire";
import { heldToken } from "./credential";
import { proved } from "./proof.svelte";

const api = connect(heldToken);

export interface PersonilWish {
  readonly search: string;
  readonly in_service: boolean;
  readonly limit: number;
}

export function personilList(query: PersonilWish): Promise<PersonilPage> {
  return ok(api.GET("/v1/registry/personil", { params: { query } }));
}

export function putPersonil(
  id: string,
  body: PersonilForm,
  checkOnly: boolean,
): Promise<PersonilChanged> {
  const params = { path: { personil_id: id }, query: { check_only: checkOnly } };
  return proved(() => ok(api.PUT("/v1/registry/personil/{personil_id}", { params, body })));
}
