/** What an operator can ask of the server, one verb each. */

import { connect, ok } from "@cas/shared/api";
import type { FeatureCollection } from "@cas/shared/map_features";
import type {
  Account,
  AlarmKind,
  AlarmView,
  CallerPress,
  DecisionView,
  Disposition,
  FoldedPress,
  FoundPlace,
  Neighbour,
  OfficerReport,
  Place,
  RevealedReporter,
  TimelineEntry,
} from "@cas/shared/wire";
import { heldToken } from "./credential";
import { proved } from "./proof.svelte";

const api = connect(heldToken);

export type Channel = NonNullable<CallerPress["channel"]>;

export interface Caller {
  readonly name: string;
  readonly phone: string;
  readonly channel: Channel;
  readonly kind: AlarmKind;
  readonly note: string;
  readonly silent: boolean;
  readonly place: Place | null;
}

export async function signOut(): Promise<void> {
  await ok(api.DELETE("/v1/sessions/current"));
}

export function account(): Promise<Account> {
  return ok(api.GET("/v1/account"));
}

/** The path an account may act under: "" when that is not known, null when it may only look. */
export async function ground(who: Account): Promise<string | null> {
  if (who.role !== "operator" && who.role !== "pimpinan") return null;
  const units = await ok(api.GET("/v1/satuan")).catch(() => []);
  return units.find((unit) => unit.id === who.satuan_id)?.path ?? "";
}

export async function wilayah(): Promise<FeatureCollection> {
  const found: unknown = await ok(
    api.GET("/v1/wilayah", { params: { query: { kind: "kecamatan" } } }),
  );
  return found as FeatureCollection;
}

const path = (alarmId: string) => ({ params: { path: { alarm_id: alarmId } } });

/** The bell that is heard now: should this arrive late, it silences no later one. */
export function acknowledge(alarm: AlarmView): Promise<AlarmView> {
  const first = alarm.acknowledged === null ? "new" : "backup";
  const bell = alarm.unanswered_at === null ? first : "unanswered";
  const params = { path: { alarm_id: alarm.id }, query: { bell } } as const;
  return ok(api.POST("/v1/alarms/{alarm_id}/acknowledgement", { params }));
}

export function callNearest(alarmId: string): Promise<AlarmView> {
  return ok(api.POST("/v1/alarms/{alarm_id}/calls", path(alarmId)));
}

export function assign(alarmId: string, personilId: string): Promise<AlarmView> {
  const body = { personil_id: personilId };
  return ok(api.POST("/v1/alarms/{alarm_id}/assignments", { ...path(alarmId), body }));
}

export function release(alarmId: string, personilId: string, reason: string): Promise<AlarmView> {
  const params = { path: { alarm_id: alarmId, personil_id: personilId }, query: { reason } };
  return ok(api.DELETE("/v1/alarms/{alarm_id}/assignments/{personil_id}", { params }));
}

export function close(alarmId: string, disposition: Disposition, note: string): Promise<AlarmView> {
  const body = { disposition, note };
  return ok(api.POST("/v1/alarms/{alarm_id}/closing", { ...path(alarmId), body }));
}

/** Both are of one event: officers go to the one that leads. */
export function merge(alarmId: string, leadId: string): Promise<AlarmView> {
  const body = { lead_id: leadId };
  return ok(api.PUT("/v1/alarms/{alarm_id}/merging", { ...path(alarmId), body }));
}

export function separate(alarmId: string): Promise<AlarmView> {
  return ok(api.DELETE("/v1/alarms/{alarm_id}/merging", path(alarmId)));
}

/** To which desks an alarm can go, the nearest first. */
export function neighbours(alarmId: string): Promise<Neighbour[]> {
  return ok(api.GET("/v1/alarms/{alarm_id}/neighbours", path(alarmId)));
}

export function hand(alarmId: string, satuanId: string, reason: string): Promise<AlarmView> {
  const body = { satuan_id: satuanId, reason };
  return ok(api.POST("/v1/alarms/{alarm_id}/handing", { ...path(alarmId), body }));
}

export function timeline(alarmId: string): Promise<TimelineEntry[]> {
  return ok(api.GET("/v1/alarms/{alarm_id}/timeline", path(alarmId)));
}

/** What one entry of the queue stands for beside its own press. */
export function foldedPresses(alarmId: string): Promise<FoldedPress[]> {
  return ok(api.GET("/v1/alarms/{alarm_id}/folded-presses", path(alarmId)));
}

/** What the officers on an alarm have reported, the earliest first. */
export function reports(alarmId: string): Promise<OfficerReport[]> {
  return ok(api.GET("/v1/alarms/{alarm_id}/reports", path(alarmId)));
}

export function decisions(alarmId: string): Promise<DecisionView[]> {
  return ok(api.GET("/v1/alarms/{alarm_id}/decisions", path(alarmId)));
}

/** Who the reporter is, in full; the server writes down who asked, and why. */
export function reveal(alarmId: string, reason: string): Promise<RevealedReporter> {
  const body = { reason };
  return proved(() => ok(api.POST("/v1/alarms/{alarm_id}/reveals", { ...path(alarmId), body })));
}

/** One picture that the reporter has sent. */
export function picture(alarmId: string, pictureId: string): Promise<Blob> {
  const params = { path: { alarm_id: alarmId, picture_id: pictureId } };
  const address = "/v1/alarms/{alarm_id}/pictures/{picture_id}";
  return ok(api.GET(address, { params, parseAs: "blob" }));
}

/** One recording that the reporter has sent. */
export function sound(alarmId: string, soundId: string): Promise<Blob> {
  const params = { path: { alarm_id: alarmId, sound_id: soundId } };
  const address = "/v1/alarms/{alarm_id}/sounds/{sound_id}";
  return ok(api.GET(address, { params, parseAs: "blob" }));
}

export function findPlaces(text: string): Promise<FoundPlace[]> {
  return ok(api.GET("/v1/places", { params: { query: { text } } }));
}

/** The id is made by the form, so that sending twice is one alarm. */
export function pressForCaller(alarmId: string, caller: Caller): Promise<AlarmView> {
  const { place } = caller;
  const body = {
    caller_name: caller.name,
    caller_phone: caller.phone || null,
    channel: caller.channel,
    kind: caller.kind,
    note: caller.note || null,
    silent: caller.silent,
    position: place && { lat: place.lat, lon: place.lon, accuracy_m: place.accuracy_m },
  };
  return ok(api.PUT("/v1/desk/alarms/{alarm_id}", { ...path(alarmId), body }));
}
