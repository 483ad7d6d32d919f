/** Links that open the phone's own dialler or message. */

/** As it is dialled: people write numbers with blanks, dashes and brackets, links take none. */
export function dialled(phone: string): string {
  return phone.replaceAll(/[\s().-]/g, "");
}

export function telLink(phone: string): string {
  return `tel:${dialled(phone)}`;
}

/** A link that opens the phone's own message to `phone`, ready to be sent. */
export function smsLink(phone: string, text: string): string {
  return `sms:${dialled(phone)}?body=${encodeURIComponent(text)}`;
}
