import { appConfig } from "../app_config.ts";

export default appConfig({
  at: "masyarakat",
  name: "CAS Tombol Darurat",
  shortName: "Tombol Darurat",
  description: "Tekan dan tahan: petugas terdekat dipanggil ke tempat Anda.",
});
