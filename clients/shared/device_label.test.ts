import { expect, test } from "vitest";
import { deviceLabel } from "./device_label";

const ANDROID =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";

test.each([
  [ANDROID, "Chrome, Android"],
  [IPHONE, "Safari, iPhone"],
  [DESK, "Firefox, Linux"],
  ["something new", ""],
])("a browser is called what people call it: %s", (userAgent, label) => {
  expect(deviceLabel(userAgent)).toBe(label);
});
