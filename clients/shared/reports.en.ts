/** What officers report from the scene, in English. */

import type { ownPast as OwnPast, reports as Reports } from "./reports.id";

export const reports: typeof Reports = {
  title: "Officers' reports",
  photos: "Photos of the officer",
  by: (name, time) => `${name} · ${time}`,
  backup: "BACKUP WANTED",
  backupAt: (time) => `wants backup ${time}`,
  reportedAt: (time) => `reported ${time}`,
  inQueue: "REPORTED",
  ready: "The officer has reported: check it, then close this alarm.",
  filled: "Taken from the officer's report; change it if need be.",
  officer: "OFFICER IN DANGER",
  open: "DONE: REPORT",
  what: "What did you find?",
  note: "Short report",
  noteHint: "for example one arrested, victim taken to hospital",
  send: "Send report",
  back: "Not done yet",
  sentNote: "Once it is sent you are free again; the desk closes this alarm.",
  amend: "Mend the report",
  amended: "Send again",
  waiting: "Reported by you, waiting for the desk to close it",
  askBackup: "Ask for backup",
  askSure: "Call more officers here?",
  askYes: "Yes, call backup",
  askNo: "No",
  asked: (time) => `Backup asked for at ${time}; the desk was told.`,
  askMore: "Ask for more backup",
};

export const ownPast: typeof OwnPast = {
  open: "My history",
  title: "My history",
  tasks: "Alarms I took on",
  noTasks: "None yet.",
  stretches: "When I was on duty",
  until: (from, to) => `${from} – ${to}`,
  still: "now",
  lasting: (hours) => `${hours} h`,
  left: "released",
  more: "Older",
  back: "Back",
  kept: "Only you and your Satuan see when you were on duty; kept for a year.",
  failed: "The history could not be loaded.",
};
