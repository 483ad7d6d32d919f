/** Proving oneself again: when the server wants it, the person is asked, and the act is repeated. */

import { Problem } from "@cas/shared/api";

interface Asked {
  readonly given: () => void;
  readonly refused: () => void;
}

class Proof {
  /** Somebody is being asked; the dialog answers. */
  asked = $state.raw<Asked | null>(null);

  ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.asked = {
        given: () => this.#answer(resolve),
        refused: () => this.#answer(() => reject(new Problem("proof_not_given", 0))),
      };
    });
  }

  #answer(told: () => void): void {
    this.asked = null;
    told();
  }
}

export const proof = new Proof();

/** Do it; where the server first wants to know who is there, ask, and do it then. */
export async function proved<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (fault) {
    if (!(fault instanceof Problem) || fault.code !== "step_up_needed") throw fault;
  }
  await proof.ask();
  return act();
}
