/** What a watch at the desk says and hears: new alarms, time in status, the age of the picture. */

import type { deskWatch as first } from "./desk_watch.id";

export const deskWatch: typeof first = {
  newAlarm: (ground) => `New alarm, ${ground}`,
  newAlarms: (n) => `${n} new alarms`,
  ground: { kabupaten: "Kabupaten", kecamatan: "Kecamatan", desa: "Desa" },
  nowhere: "place not known yet",
  voiceOn: "Speech on",
  voiceOff: "Speech off",
  voiceNone:
    "This computer has no English voice: new alarms are not spoken, the siren still sounds",
  voiceWhy: "Speech and other tones can be muted; the siren of an unacknowledged alarm cannot.",
  voiceKey: "speech on / off",
  pictureAge: "Age of the picture",
  old: (age) => `PICTURE IS ${age} OLD`,
  inStatus: (age) => `${age} in this status`,
  still: {
    title: "A part of the system stands still",
    worker: "Calls do not widen and nobody is notified: the worker process has stopped",
    outbox: "Notifications are held up",
    deadlines: "Deadlines of calls are late",
    database: "The database does not answer",
    advice: "Tell whoever runs the system. Meanwhile call officers by radio.",
  },
  pace: { calm: "", late: "getting long", overdue: "too long" },
};
