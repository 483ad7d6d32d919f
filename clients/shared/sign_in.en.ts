/** What the desk's sign-in says, in English. */

import { account, ownDevices } from "./account.en";
import type { signIn as id } from "./sign_in.id";

export const signIn: typeof id = {
  title: "Sign in to the command desk",
  username: "Username",
  password: "Password",
  submit: "Sign in",
  signOut: "Sign out",
  leaving: {
    why: "Sign out of this phone? Signing in again takes a code by text message.",
    yes: "Yes, sign out",
    no: "Stay signed in",
  },
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
  account,
  ownDevices,
};

/** What can go wrong with it, by the server's stable codes. */
export const signInProblem = {
  wrong_password: "Wrong username or password.",
  wrong_factor: "The code is wrong or was used. Wait for the next one.",
  passkey_not_given: "This device gave no passkey.",
  passkey_refused: "The passkey was not accepted. Try again.",
  oidc_refused: "That account cannot be used to sign in here.",
  password_over: "The one-time password has run out. Ask your admin for a new one.",
  password_refused: "Refused: at least 12 characters, not easily guessed, and without your name.",
  passwords_differ: "The two passwords differ.",
  sign_in_incomplete: "Finish signing in first.",
  step_up_needed: "Prove again that it is you.",
  demo_account: "The simulation's accounts are shared: how they sign in cannot be changed.",
  wrong_activation: "The activation code is wrong, was used, or is over.",
  last_factor: "This is your only second proof. Add another one first.",
  nothing_offered: "This key is no longer good. Begin again.",
  proof_not_given: "Not proven, so not done. What you typed is still there.",
  proof_refused: "The password is wrong.",
};
