import type { update as id } from "./update.id";

export const update: typeof id = {
  offered: "There is a new version.",
  take: "Use it now",
  waiting: "The new version is used as soon as you have finished typing.",
};
