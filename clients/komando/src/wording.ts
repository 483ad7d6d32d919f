/** How the desk puts an alarm into words. */

import { t } from "@cas/shared/language";
import { urgency } from "@cas/shared/standing";
import type { AlarmView } from "@cas/shared/wire";

/** What must be shouted about an alarm, if anything. */
export function headline(alarm: AlarmView): string | null {
  switch (urgency(alarm)) {
    case "duress":
      return t.queue.duress;
    case "unanswered":
      return t.queue.unanswered;
    case "ringing":
      return alarm.acknowledged === null ? t.queue.unacknowledged : t.reports.backup;
    default:
      return null;
  }
}

export const isOfficerInDanger = (alarm: AlarmView): boolean => alarm.reporter.role === "personil";

/** Somebody on the scene has said what it was. */
export const isReported = (alarm: AlarmView): boolean =>
  alarm.responders.some((one) => one.reported_at !== null);

export function placeName(alarm: AlarmView): string {
  const { wilayah_name: wilayah, place } = alarm.where;
  const ground = wilayah ?? (place === null ? t.detail.unknownPlace : alarm.satuan_name);
  return alarm.site === null ? ground : `${alarm.site.instansi_name} · ${ground}`;
}

/** What a marker on the map is called. */
export function alarmName(alarm: AlarmView): string {
  const kind = isOfficerInDanger(alarm) ? t.reports.officer : t.kind[alarm.kind];
  const said = [t.queue.number(alarm.number), kind, placeName(alarm)];
  const shout = headline(alarm) ?? t.status[alarm.status];
  return [...said, shout, ...(alarm.demo ? [t.simulated] : [])].join(", ");
}

/** A secret in fours, as apps show it and people type it. */
export const inFours = (secret: string): string => secret.match(/.{1,4}/g)?.join(" ") ?? secret;
