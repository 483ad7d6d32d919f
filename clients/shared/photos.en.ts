/** What both pages say about pictures of an alarm, in English. */

import type { photos as id, photoProblems as idProblems } from "./photos.id";

export const photos: typeof id = {
  title: "Pictures from the reporter",
  one: (n: number) => `Picture ${n}`,
  close: "Close",
  failed: "The picture could not be loaded.",
  add: "Add a picture",
  sending: "Sending the picture…",
  again: "Send that picture again",
  sent: (n: number) => (n === 1 ? "1 picture sent" : `${n} pictures sent`),
};

export const photoProblems: typeof idProblems = {
  no_picture: "That file is no JPEG, PNG or WebP picture.",
  picture_broken: "That picture is broken or not whole. Send it again.",
  picture_too_large: "That picture is too large. Send a smaller one.",
  body_too_large: "That file is too large. Send a smaller one.",
  body_too_slow: "The network is too slow. Send it again.",
  pictures_busy: "Many pictures come just now. Send it again in a moment.",
  too_many_pictures: "This alarm has enough pictures.",
  alarm_closed: "This alarm is closed.",
};
