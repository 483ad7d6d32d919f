import { appConfig } from "../app_config.ts";

export default appConfig({
  at: "personil",
  name: "CAS Personil",
  shortName: "Personil",
  description: "Panggilan, jalan ke sana, dan SOS petugas.",
});
