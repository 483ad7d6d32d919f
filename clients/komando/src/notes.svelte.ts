/** The hand-over notes of this desk: looked for now and then, written and taken here. */

import { Problem } from "@cas/shared/api";
import type { ShiftNote } from "@cas/shared/wire";
import { shiftNotes, takeShiftNote, writeShiftNote } from "./past_acts";

const LOOK_EVERY_MS = 60_000;
const FORBIDDEN = 403;

export class Notes {
  list = $state.raw<readonly ShiftNote[]>([]);
  readonly unread = $derived(this.list.filter((note) => note.taken === null).length);
  #timer: ReturnType<typeof setInterval> | undefined;

  start(): () => void {
    const look = (): void => void this.look().catch((fault) => this.#giveUp(fault));
    look();
    this.#timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    this.list = await shiftNotes();
  }

  async write(id: string, text: string): Promise<void> {
    await writeShiftNote(id, text);
    await this.look();
  }

  async take(id: string): Promise<void> {
    await takeShiftNote(id);
    await this.look();
  }

  /** Whoever only looks has no shift; anything else passes by itself. */
  #giveUp(fault: unknown): void {
    if (fault instanceof Problem && fault.status === FORBIDDEN) clearInterval(this.#timer);
  }
}
