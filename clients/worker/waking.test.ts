import { describe, expect, test } from "vitest";
import { address, notice } from "./waking";

const ALARM = "0199f0aa-0000-7000-8000-000000000001";
const OFFER = { kind: "offer", title: "Panggilan tugas", body: "Buka.", alarm_id: ALARM };

describe("what a push shows", () => {
  test("a call stays on the screen until it is answered", () => {
    const { title, shown } = notice(JSON.stringify(OFFER), "icon.png");
    expect(title).toBe("Panggilan tugas");
    expect(shown).toMatchObject({ body: "Buka.", requireInteraction: true, renotify: true });
    expect(shown.data).toEqual({ alarmId: ALARM });
  });

  test("a call that is over takes the place of the call, without a sound", () => {
    const over = notice(JSON.stringify({ ...OFFER, kind: "stood_down" }), "icon.png").shown;
    expect(over.tag).toBe(notice(JSON.stringify(OFFER), "icon.png").shown.tag);
    expect(over).toMatchObject({ silent: true, requireInteraction: false });
  });

  test("a drill says so, and neither stays nor takes the place of a call", () => {
    const drill = { kind: "drill", title: "LATIHAN", body: "Latihan, bukan alarm." };
    const { title, shown } = notice(JSON.stringify(drill), "icon.png");
    expect(title).toBe("LATIHAN");
    expect(shown).toMatchObject({ tag: "drill", requireInteraction: false });
    expect(shown.renotify).toBeUndefined();
  });

  test.each([null, "", "{", "3", "null"])("%j still says that there is something", (text) => {
    const { title, shown } = notice(text, "icon.png");
    expect(title).toBe("CAS");
    expect(shown.tag).toBe("account");
  });
});

describe("where a tap leads", () => {
  const scope = new URL("https://cas.example/komando/");

  test("to the alarm, in a part of the address that no server is told", () => {
    expect(address(scope, { alarmId: ALARM })).toBe(`https://cas.example/komando/#alarm=${ALARM}`);
  });

  test("to the app, when it is about the account or nothing is known", () => {
    expect(address(scope, { alarmId: null })).toBe("https://cas.example/komando/");
    expect(address(scope, null)).toBe("https://cas.example/komando/");
  });
});
