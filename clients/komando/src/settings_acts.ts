/** What an admin can ask of the server. */

import { connect, ok } from "@cas/shared/api";
import type {
  CallingRules,
  ImportKind,
  ImportOutcome,
  RulesChanged,
  RulesView,
  SatuanView,
} from "@cas/shared/wire";
import { heldToken } from "./credential";
import { proved } from "./proof.svelte";

/** A file of a province takes its time, on the way and to be checked. */
const FILE_WITHIN_MS = 120_000;

const api = connect(heldToken);
const files = connect(heldToken, FILE_WITHIN_MS);

export function units(): Promise<SatuanView[]> {
  return ok(api.GET("/v1/satuan"));
}

export function rules(satuanId: string): Promise<RulesView> {
  return ok(api.GET("/v1/satuan/{satuan_id}/rules", { params: { path: { satuan_id: satuanId } } }));
}

export function setRules(
  satuanId: string,
  body: CallingRules,
  checkOnly: boolean,
): Promise<RulesChanged> {
  const params = { path: { satuan_id: satuanId }, query: { check_only: checkOnly } };
  return proved(() => ok(api.PUT("/v1/satuan/{satuan_id}/rules", { params, body })));
}

export function importFile(
  kind: ImportKind,
  file: File,
  checkOnly: boolean,
): Promise<ImportOutcome> {
  return proved(() =>
    ok(
      files.PUT("/v1/imports/{kind}", {
        params: { path: { kind }, query: { check_only: checkOnly } },
        // The wire's type for bytes is a string; they go as they are.
        body: file as unknown as string,
        bodySerializer: () => file,
        headers: { "Content-Type": kind === "wilayah" ? "application/geo+json" : "text/csv" },
      }),
    ),
  );
}
