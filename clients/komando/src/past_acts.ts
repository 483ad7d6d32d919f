/** What an operator can look back at: figures, warmth, closed alarms and their tracks, notes. */

import { connect, ok } from "@cas/shared/api";
import type { AlarmView, Figures, Heat, ShiftNote, TracksShown } from "@cas/shared/wire";
import { heldToken } from "./credential";

const MOST_PAST = 60;
const api = connect(heldToken);

export function figures(): Promise<Figures> {
  return ok(api.GET("/v1/figures"));
}

export function heat(): Promise<Heat> {
  return ok(api.GET("/v1/heat"));
}

export async function pastAlarms(): Promise<AlarmView[]> {
  const query = { open: false, limit: MOST_PAST };
  return (await ok(api.GET("/v1/alarms", { params: { query } }))).alarms;
}

/** The server writes down who looked, and why. */
export function tracks(alarmId: string, reason: string): Promise<TracksShown> {
  const params = { path: { alarm_id: alarmId } };
  return ok(api.POST("/v1/alarms/{alarm_id}/track-looks", { params, body: { reason } }));
}

export function shiftNotes(): Promise<ShiftNote[]> {
  return ok(api.GET("/v1/shift-notes"));
}

/** The id is made by the form, so that sending twice is one note. */
export function writeShiftNote(noteId: string, text: string): Promise<ShiftNote> {
  const params = { path: { note_id: noteId } };
  return ok(api.PUT("/v1/shift-notes/{note_id}", { params, body: { text } }));
}

export function takeShiftNote(noteId: string): Promise<ShiftNote> {
  const params = { path: { note_id: noteId } };
  return ok(api.POST("/v1/shift-notes/{note_id}/taking", { params }));
}
