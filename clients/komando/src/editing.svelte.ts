/** One form of the registry: looked at first, stored then, and a fault that names its field. */

import { Problem } from "@cas/shared/api";
import { d } from "@cas/shared/desk_words";
import { t } from "@cas/shared/language";
import { explain } from "@cas/shared/text";
import type { Effect } from "@cas/shared/wire";

interface Done {
  readonly effects: readonly Effect[];
}
type Send = (checkOnly: boolean) => Promise<Done>;

export class Editing {
  busy = $state(false);
  fault = $state<string | null>(null);
  /** The name of the input that was not taken. */
  field = $state<string | null>(null);
  /** What storing it would do; null until somebody looked. */
  would = $state.raw<readonly Effect[] | null>(null);
  #send: Send | null = null;

  /** Ask what it would do. */
  async tryOut(send: Send): Promise<void> {
    this.#send = send;
    this.would = null;
    const done = await this.#run(() => send(true));
    this.would = done?.effects ?? null;
  }

  /** Do what was looked at; true when it is done. */
  async store(): Promise<boolean> {
    const send = this.#send;
    return send !== null && (await this.#run(() => send(false))) !== null;
  }

  /** What has nothing to be looked at first; true when it is done. */
  async act(send: () => Promise<void>): Promise<boolean> {
    return (await this.#run(() => send().then(() => true))) === true;
  }

  forget(): void {
    this.would = null;
    this.fault = null;
    this.field = null;
  }

  async #run<T>(act: () => Promise<T>): Promise<T | null> {
    if (this.busy) return null;
    this.busy = true;
    this.fault = null;
    this.field = null;
    try {
      return await act();
    } catch (problem) {
      this.would = null;
      this.field = fieldOf(problem);
      this.fault = said(problem, this.field);
      return null;
    } finally {
      this.busy = false;
    }
  }
}

function fieldOf(problem: unknown): string | null {
  const named = problem instanceof Problem ? problem.facts.field : null;
  return typeof named === "string" ? (named.split(".")[0] ?? null) : null;
}

function said(problem: unknown, field: string | null): string {
  const words = d.registry;
  if (field !== null && problem instanceof Problem && problem.code === "invalid_input") {
    const faults: Record<string, string> = words.fault;
    const names: Record<string, string> = words.field;
    return faults[field] ?? words.fieldFault(names[field] ?? field);
  }
  return explain(problem, { ...t.problem, ...words.problem });
}
