export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** For where "+" and "/" mean something else (RFC 4648, section 5). */
export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_");
}
