/** The screens of the app beside those of a press. */

export type Page = "button" | "pin" | "devices" | "drill" | "site" | "people";
