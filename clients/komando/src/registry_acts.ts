/** What an admin can ask of the registry: one record at a time. */

import { connect, ok } from "@cas/shared/api";
import type { FeatureCollection } from "@cas/shared/map_features";
import type {
  Effect,
  InstansiForm,
  InstansiPage,
  PersonilForm,
  PersonilPage,
  SatuanForm,
  SatuanRecord,
  WilayahForm,
  WilayahRecord,
} from "@cas/shared/wire";
import { heldToken } from "./credential";
import { proved } from "./proof.svelte";

const api = connect(heldToken);

/** What a form did, or would do. */
interface Done {
  readonly effects: readonly Effect[];
}

export interface PersonilWish {
  readonly search: string;
  readonly in_service: boolean;
  readonly limit: number;
}

export function personilList(query: PersonilWish): Promise<PersonilPage> {
  return ok(api.GET("/v1/registry/personil", { params: { query } }));
}

export function putPersonil(id: string, body: PersonilForm, checkOnly: boolean): Promise<Done> {
  const params = { path: { personil_id: id }, query: { check_only: checkOnly } };
  return proved(() => ok(api.PUT("/v1/registry/personil/{personil_id}", { params, body })));
}

export function satuanTree(): Promise<SatuanRecord[]> {
  return ok(api.GET("/v1/registry/satuan"));
}

export function putSatuan(id: string, body: SatuanForm, checkOnly: boolean): Promise<Done> {
  const params = { path: { satuan_id: id }, query: { check_only: checkOnly } };
  return proved(() => ok(api.PUT("/v1/registry/satuan/{satuan_id}", { params, body })));
}

export function wilayahList(search: string): Promise<WilayahRecord[]> {
  return ok(api.GET("/v1/registry/wilayah", { params: { query: { search } } }));
}

export function putWilayah(code: string, body: WilayahForm, checkOnly: boolean): Promise<Done> {
  const params = { path: { code }, query: { check_only: checkOnly } };
  return proved(() => ok(api.PUT("/v1/registry/wilayah/{code}", { params, body })));
}

/** The outlines of all Wilayah of a kind. */
export async function outlines(kind: WilayahRecord["kind"]): Promise<FeatureCollection> {
  const found: unknown = await ok(api.GET("/v1/wilayah", { params: { query: { kind } } }));
  return found as FeatureCollection;
}

export function instansiList(search: string, limit: number): Promise<InstansiPage> {
  return ok(api.GET("/v1/registry/instansi", { params: { query: { search, limit } } }));
}

export function putInstansi(id: string, body: InstansiForm, checkOnly: boolean): Promise<Done> {
  const params = { path: { instansi_id: id }, query: { check_only: checkOnly } };
  return proved(() => ok(api.PUT("/v1/registry/instansi/{instansi_id}", { params, body })));
}

/** Let somebody be the first to manage it; the id is made by the form, so that twice is once. */
export async function makeManager(
  id: string,
  petugasId: string,
  body: { name: string; phone: string },
): Promise<void> {
  const params = { path: { instansi_id: id, petugas_id: petugasId } };
  const path = "/v1/registry/instansi/{instansi_id}/managers/{petugas_id}";
  await proved(() => ok(api.PUT(path, { params, body })));
}
