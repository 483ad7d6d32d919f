/** English for desk_joint.id.ts. */

import type { deskJoint as indonesian, jointProblem as indonesianProblem } from "./desk_joint.id";

export const deskJoint: typeof indonesian = {
  title: "The same event",
  into: (n) => `Merged into alarm number ${n}`,
  intoNote: (n) => `The officers of number ${n} see to this one, too; both are closed together.`,
  open: (n) => `Open #${n}`,
  separate: "Separate again",
  separateNote:
    "Goes back to the queue and calls its next ring. Officers who have gone over stay there.",
  also: "Merged into this one",
  maybe: "Perhaps the same event",
  apart: (far, lag) => `${far} from here, ${lag} apart`,
  merge: "Merge duplicate",
  mergeWith: (n) => `Merge with #${n}`,
  mergeTitle: "Merge two alarms of the same event?",
  other: "The other alarm",
  noOther: "There is no other open alarm.",
  near: "near",
  leads: "Which leads",
  leadsHint: "Officers are called to the one that leads only.",
  will: "What will happen",
  standsDown: (n, double) =>
    n === 0
      ? `No call for #${double} is waiting for an answer.`
      : `${n} unanswered calls for #${double} are stood down, and those called are told.`,
  goesOver: (names, lead) => `${names} go over to #${lead}, and are told.`,
  nobody: (double) => `No officer is on #${double} yet.`,
  reporter: (double, lead) =>
    `The reporter of #${double} sees how far the help of #${lead} is, and not who its reporter is.`,
  together: (double, lead) =>
    `#${double} leaves the queue and is closed with #${lead}. It can be separated until then.`,
  hand: "Hand to another Satuan",
  handTitle: "Hand this alarm to another Satuan's desk?",
  handTo: "To which Satuan, the nearest first",
  noNeighbour: "No other Satuan has a desk.",
  handed: (from, at) => `Handed on by ${from}, ${at}`,
  ringsThere: (to) => `It rings at ${to} until acknowledged; if it is not, it climbs there.`,
  staysSeen: (from) => `${from} goes on seeing it until it is closed, and can act no more.`,
  goOn: (coming, asked) => `${coming} officers on it and ${asked} open calls go on as they are.`,
};

export const jointProblem: typeof indonesianProblem = {
  no_desk: "That Satuan has no desk, nor has any above it. Choose another.",
  merged: "This alarm is merged. Separate it first, or act in the one that leads.",
  cannot_merge:
    "Cannot be merged this way round: the one that leads needs a place, is neither cancelled nor held; an officer's own alarm and one under duress always lead.",
};
