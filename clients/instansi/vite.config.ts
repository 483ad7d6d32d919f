import { appConfig } from "../app_config.ts";

export default appConfig({
  at: "instansi",
  name: "CAS Instansi",
  shortName: "Instansi",
  description: "Tombol loket: petugas terdekat dipanggil ke tempat ini.",
});
