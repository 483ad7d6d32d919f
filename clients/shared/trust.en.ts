/** What the desk is told of how far a press can be believed, in English. */

import type { trust as id } from "./trust.id";

export const trust: typeof id = {
  title: "Trust",
  verified: "Verified",
  bearer: "Signed in, not signed",
  unverified: "Not verified",
  desk: "Entered by an operator",
  late: (age: string) => `${age} late`,
  clockWrong: "The phone's clock is wrong",
  callBack: "Call the reporter back to make sure; officers are sent all the same.",
  callBackHeld: "Call the reporter back, or call Personil.",
  held: "No Personil called yet: too many presses without proof from this network.",
  call: "Call the nearest Personil",
  folded: (n: number) => `+${n} more presses from this network`,
  foldedMore: (n: number) => `and ${n} more`,
  network: (name: string) => `Network ${name}`,
  nobody: "Unknown reporter",
  level: ["Not suspicious", "Somewhat suspicious", "Suspicious"],
  reason: {
    unverified: "no proof of who pressed",
    bad_signature: "the signature does not match",
    malicious_before: "closed as a false report before",
    mock_location: "mock location",
    many_accounts: "many accounts on one phone",
    busy_network: "many presses without proof from this network",
    clock_wrong: "the phone's clock is wrong",
  },
};
