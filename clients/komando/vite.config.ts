import { appConfig } from "../app_config.ts";

export default appConfig({
  at: "komando",
  name: "CAS Komando",
  shortName: "Komando",
  description: "Pusat kendali: alarm, Personil dan peta dalam satu layar.",
  keepsMap: true,
});
