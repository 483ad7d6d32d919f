/** What only the desk says, in the language in use: apart, so that no phone loads it. */

import { deskCaller as callerEn } from "./desk_caller.en";
import { deskCaller as callerId } from "./desk_caller.id";
import { deskDay as dayEn } from "./desk_day.en";
import { deskDay as dayId } from "./desk_day.id";
import { deskJoint as jointEn } from "./desk_joint.en";
import { deskJoint as jointId } from "./desk_joint.id";
import { deskLayers as layersEn } from "./desk_layers.en";
import { deskLayers as layersId } from "./desk_layers.id";
import { deskWatch as watchEn } from "./desk_watch.en";
import { deskWatch as watchId } from "./desk_watch.id";
import { t } from "./language";
import { registry as registryEn } from "./registry.en";
import { registry as registryId } from "./registry.id";

const id = {
  caller: callerId,
  day: dayId,
  joint: jointId,
  layers: layersId,
  watch: watchId,
  registry: registryId,
};
const en: typeof id = {
  caller: callerEn,
  day: dayEn,
  joint: jointEn,
  layers: layersEn,
  watch: watchEn,
  registry: registryEn,
};

export const d = t.locale === "id-ID" ? id : en;
