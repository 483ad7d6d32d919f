/** What went wrong, by the server's stable codes. */

import { jointProblem } from "./desk_joint.en";
import { instansiProblem } from "./instansi.en";
import { personil } from "./personil.en";
import { photoProblems } from "./photos.en";
import type { problem as id } from "./problem.id";
import { signInProblem } from "./sign_in.en";
import { soundProblems } from "./sounds.en";

export const problem: typeof id = {
  still_on_alarm: personil.problem.still_on_alarm,
  ...photoProblems,
  ...soundProblems,
  ...signInProblem,
  ...instansiProblem,
  ...jointProblem,
  unreachable: "The server cannot be reached. Check the network and try again.",
  wrong_code: "The code is wrong. Check it.",
  code_over: "This code is over. Ask for a new one.",
  account_closed: "This account is closed. Speak to your Polsek.",
  device_unconfirmed: "This phone is new: your superior must confirm it first.",
  decided_already: "This phone was decided on already.",
  staff_phone: "This number belongs to staff: sign in with username and password.",
  alarm_over: "This alarm is over. Press again if you still need help.",
  already_done: "Somebody else has done this already.",
  offer_over: "This call is over.",
  not_on_duty: "That Personil is not on duty.",
  conflict: "It has changed meanwhile; look at the alarm again.",
  too_many_reveals: "The limit of identities per hour is reached. Ask a colleague, or wait.",
  too_many_tries: "Too many tries. Wait a moment.",
  sign_in_needed: "Please sign in again.",
  not_allowed: "Your role may not do this.",
  not_found: "Not found.",
  already_taken: "Already taken by another officer.",
  illegal_transition: "It has changed meanwhile; look at the alarm again.",
  invalid_input: "Something entered cannot be accepted.",
  overloaded: "The server is full. The alarm is sent again by itself.",
  unavailable: "The server is busy. Try again.",
  other: (code: string) => `Failed (${code}).`,
  byWhom: (name: string) => `${name} was first.`,
};
