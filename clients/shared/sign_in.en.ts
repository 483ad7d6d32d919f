/** What the desk's sign-in says, in English. */

import type { signIn as id } from "./sign_in.id";

export const signIn: typeof id = {
  title: "Sign in to the command desk",
  username: "Username",
  password: "Password",
  submit: "Sign in",
  signOut: "Sign out",
  expired: "The session ended. Please sign in again.",
  byPasskey: "Sign in with a passkey",
  byProvider: "Sign in through the Polda's account",
  enrolPasskey: "Use a passkey of this device",
  thisDevice: "This device",
  code: "Code",
  codeTitle: "Prove that it is you",
  codeNote: "Six digits from the authenticator app, or one recovery code.",
  newTitle: "Change the one-time password",
  newPassword: "New password",
  newAgain: "Once more",
  newSubmit: "Change password",
  newNote: "At least 12 characters; a short sentence is good.",
  enrolTitle: "Set up an authenticator app",
  enrolWhy:
    "Staff sign in with a password and a code of an authenticator app on their phone. Have the app ready.",
  enrolBegin: "Begin",
  enrolHow: "In the app, add an account by entering this key, then type the code that it shows.",
  enrolHere: "Open the app on this device",
  enrolSubmit: "Set up",
  recoveryTitle: "Keep the recovery codes",
  recoveryNote:
    "If the phone is lost, each of these opens the account once. Write them down; they are not shown again.",
  recoveryDone: "I have kept them",
};
