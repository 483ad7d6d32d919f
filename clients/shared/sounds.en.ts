/** What both pages say about recordings of an alarm, in English. */

import type { sounds as id, soundProblems as idProblems } from "./sounds.id";

export const sounds: typeof id = {
  title: "Sound from the reporter",
  one: (n) => `Recording ${n}`,
  failed: "The recording could not be loaded.",
  loading: "Loading the recording…",
  add: (most) => `Record sound (at most ${most} seconds)`,
  asking: "Waiting for the microphone's permission…",
  recording: "Recording",
  stop: (seconds, most) => `Finish and send · ${seconds} of ${most} seconds`,
  sending: "Sending the recording…",
  again: "Send that recording again",
  waits: "Not sent yet. It is kept on this phone and goes when there is a network.",
  sent: (n) => (n === 1 ? "1 recording sent" : `${n} recordings sent`),
  denied: "The microphone is not allowed. The alarm goes on; you can write a note.",
  missing: "The microphone cannot be used. The alarm goes on; you can write a note.",
};

export const soundProblems: typeof idProblems = {
  no_sound: "That recording cannot be read. Record it again.",
  sound_broken: "That recording is broken or empty. Record it again.",
  sound_too_long: "That recording is too long. Record a shorter one.",
  too_many_sounds: "This alarm has enough recordings.",
};
