/** Pure: what is said aloud of a new alarm. */

import { d } from "@cas/shared/desk_words";
import type { AlarmView } from "@cas/shared/wire";

const GROUNDS = [null, null, "kabupaten", "kecamatan", "desa"] as const;

/** "Alarm baru, Kecamatan Dander". */
export function sentence(alarm: AlarmView): string {
  const { wilayah_code: code, wilayah_name: name } = alarm.where;
  if (name === null) {
    return d.watch.newAlarm(alarm.where.place === null ? d.watch.nowhere : alarm.satuan_name);
  }
  const kind = GROUNDS[code?.split(".").length ?? 0] ?? null;
  return d.watch.newAlarm(kind === null ? name : `${d.watch.ground[kind]} ${name}`);
}
