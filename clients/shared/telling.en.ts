import type { history as historyId, telling as tellingId } from "./telling.id";

export const telling: typeof tellingId = {
  sight: {
    denied:
      "Location is not allowed: your alarm is sent all the same, but the officers can hardly find you. Allow it in this browser's settings for the site.",
    lost: "This phone does not find its position. Your alarm is sent all the same; switch location on in its settings.",
  },
  kind: "What is happening?",
  note: "For the officers",
  noteHint: "such as how many people, which floor, what the house looks like",
  send: "Send",
  sent: "The officers have it.",
  minutes: (n) => `There in about ${n} minutes`,
  place: "Show where I am",
  placeWhy: "Your phone does not know where it is, or not well. Show it on the map if it is safe.",
  placeTitle: "Where are you?",
  placeHint: "Tap the map where you are, then “I am here”.",
  search: "Kecamatan",
  searchAny: "Choose a kecamatan",
  name: "Name of the place, or a landmark",
  nameHint: "such as near the market, the green house",
  here: "I am here",
  back: "Back",
  noMap: "The map cannot be shown. Just write the name of the place.",
  placeNote: (name) => `Place: ${name}`,
};

export const history: typeof historyId = {
  open: "My past alarms",
  title: "My past alarms",
  none: "No alarm yet.",
  more: "Older",
  back: "Back to the button",
  onScene: (time) => `Officers arrived at ${time}`,
};
