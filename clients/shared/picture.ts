/** What one watcher knows, and how each message changes it. No DOM, no map, no clock. */

import type {
  AlarmView,
  DeskSnapshot,
  DutyView,
  OfferView,
  OwnAlarmView,
  PersonilSnapshot,
  PersonilView,
  ReporterSnapshot,
  ServerMessage,
} from "./live.gen";
import { unreachable } from "./unreachable";

type Known<T> = ReadonlyMap<string, T>;
type Versioned = { readonly version: number };

export interface Picture {
  readonly alarms: Known<AlarmView>;
  readonly personil: Known<PersonilView>;
  readonly offers: Known<OfferView>;
  readonly ownAlarms: Known<OwnAlarmView>;
  readonly duty: DutyView | null;
  /** Ids that changed since this connection began: a snapshot read earlier must not undo them. */
  readonly heard: ReadonlySet<string>;
  /** Alarms that left the picture, with the version they left at, so that no late word revives them. */
  readonly ended: ReadonlyMap<string, number>;
}

export const nothing: Picture = {
  alarms: new Map(),
  personil: new Map(),
  offers: new Map(),
  ownAlarms: new Map(),
  duty: null,
  heard: new Set(),
  ended: new Map(),
};

export function apply(picture: Picture, message: ServerMessage): Picture {
  switch (message.type) {
    case "welcome":
      return { ...picture, heard: new Set() };
    case "desk.snapshot":
      return fromDesk(picture, message);
    case "personil.snapshot":
      return fromPersonil(picture, message);
    case "reporter.snapshot":
      return fromReporter(picture, message);
    case "alarm.changed":
      return withAlarm(picture, message.alarm);
    case "offer.changed":
      return withOffer(picture, message.offer);
    case "own_alarm.changed":
      return withOwnAlarm(picture, message.alarm);
    case "personil.moved":
      return withPersonil(picture, message.personil);
    case "personil.left":
      return withoutPersonil(picture, message.personil_ids);
    case "duty.changed":
      return { ...picture, duty: message.duty, heard: hearing(picture, ["duty"]) };
    // Not of the picture: whoever is told of a drill reads it by itself.
    case "drill.changed":
    case "tick":
    case "refused":
      return picture;
    default:
      return unreachable(message);
  }
}

function fromDesk(picture: Picture, snapshot: DeskSnapshot): Picture {
  const open = snapshot.alarms.filter((alarm) => !isOver(picture, alarm));
  return {
    ...picture,
    alarms: overlap(
      picture,
      picture.alarms,
      byId(open, (alarm) => alarm.id),
      newer,
    ),
    personil: overlap(
      picture,
      picture.personil,
      // Whoever left after the snapshot was read is heard, yet not known: leave them out.
      byId(
        snapshot.personil.filter((one) => !hasLeft(picture, one.personil_id)),
        (one) => one.personil_id,
      ),
      laterFix,
    ),
  };
}

function fromPersonil(picture: Picture, snapshot: PersonilSnapshot): Picture {
  const offers = byId(snapshot.offers, (offer) => offer.offer_id);
  return {
    ...picture,
    duty: picture.heard.has("duty") ? picture.duty : snapshot.duty,
    offers: overlap(picture, picture.offers, offers, newer),
    ownAlarms: overlap(
      picture,
      picture.ownAlarms,
      byId(snapshot.alarms, (alarm) => alarm.id),
      newer,
    ),
  };
}

function fromReporter(picture: Picture, snapshot: ReporterSnapshot): Picture {
  const own = byId(snapshot.alarms, (alarm) => alarm.id);
  return { ...picture, ownAlarms: overlap(picture, picture.ownAlarms, own, newer) };
}

function withAlarm(picture: Picture, alarm: AlarmView): Picture {
  if (isOver(picture, alarm) || isOld(picture.alarms.get(alarm.id), alarm)) return picture;
  const heard = hearing(picture, [alarm.id]);
  if (alarm.closed === null) {
    return { ...picture, heard, alarms: new Map(picture.alarms).set(alarm.id, alarm) };
  }
  const alarms = new Map(picture.alarms);
  alarms.delete(alarm.id);
  return { ...picture, heard, alarms, ended: new Map(picture.ended).set(alarm.id, alarm.version) };
}

function withOffer(picture: Picture, offer: OfferView): Picture {
  if (isOld(picture.offers.get(offer.offer_id), offer)) return picture;
  const offers = new Map(picture.offers).set(offer.offer_id, offer);
  return { ...picture, offers, heard: hearing(picture, [offer.offer_id]) };
}

function withOwnAlarm(picture: Picture, alarm: OwnAlarmView): Picture {
  if (isOld(picture.ownAlarms.get(alarm.id), alarm)) return picture;
  const ownAlarms = new Map(picture.ownAlarms).set(alarm.id, alarm);
  return { ...picture, ownAlarms, heard: hearing(picture, [alarm.id]) };
}

function withPersonil(picture: Picture, moved: readonly PersonilView[]): Picture {
  if (moved.length === 0) return picture;
  const personil = new Map(picture.personil);
  for (const one of moved) personil.set(one.personil_id, one);
  const ids = moved.map((one) => one.personil_id);
  return { ...picture, personil, heard: hearing(picture, ids) };
}

function withoutPersonil(picture: Picture, ids: readonly string[]): Picture {
  if (ids.length === 0) return picture;
  const personil = new Map(picture.personil);
  for (const id of ids) personil.delete(id);
  return { ...picture, personil, heard: hearing(picture, ids) };
}

/** The snapshot's, save where something newer was heard on this connection before it came. */
function overlap<T>(
  picture: Picture,
  known: Known<T>,
  snapshot: Map<string, T>,
  better: (heard: T, shown: T) => boolean,
): Known<T> {
  for (const id of picture.heard) {
    const heard = known.get(id);
    if (heard === undefined) continue;
    const shown = snapshot.get(id);
    if (shown === undefined || better(heard, shown)) snapshot.set(id, heard);
  }
  return snapshot;
}

function byId<T>(items: readonly T[], id: (item: T) => string): Map<string, T> {
  return new Map(items.map((item) => [id(item), item]));
}

function hearing(picture: Picture, ids: readonly string[]): ReadonlySet<string> {
  return ids.every((id) => picture.heard.has(id))
    ? picture.heard
    : new Set([...picture.heard, ...ids]);
}

const isOld = (known: Versioned | undefined, word: Versioned): boolean =>
  known !== undefined && known.version >= word.version;

const newer = (heard: Versioned, shown: Versioned): boolean => heard.version > shown.version;

const laterFix = (heard: PersonilView, shown: PersonilView): boolean =>
  Date.parse(heard.fixed_at ?? "") > Date.parse(shown.fixed_at ?? "");

const hasLeft = (picture: Picture, id: string): boolean =>
  picture.heard.has(id) && !picture.personil.has(id);

function isOver(picture: Picture, alarm: AlarmView): boolean {
  const version = picture.ended.get(alarm.id);
  return version !== undefined && version >= alarm.version;
}
