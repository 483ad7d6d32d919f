/** Makes a photo small before it is sent: a weak network carries it, and its EXIF stays here. */

const LONGEST_SIDE = 1_600;
const QUALITY = 0.82;

/** A small JPEG; the file itself where the browser cannot read it: the server says what is wrong. */
export async function shrunk(file: Blob): Promise<Blob> {
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    return await new Promise((done) =>
      canvas.toBlob((made) => done(made ?? file), "image/jpeg", QUALITY),
    );
  } catch {
    return file;
  }
}
