/** Speech of the browser's own: silent where it has no voice for the language. */

/** Some browsers never tell the end of a sentence. */
const LONGEST_MS = 6_000;

/** Tells now, and whenever the browser has found more of its voices, whether one speaks it. They are
 * looked for only once they are asked for: at the first alarm that is too late. */
export function followVoices(locale: string, onTold: (speaks: boolean) => void): void {
  const speech = globalThis.speechSynthesis;
  const tell = (): void => onTold(speech !== undefined && speaks(speech, locale));
  speech?.addEventListener("voiceschanged", tell);
  tell();
}

function speaks(speech: SpeechSynthesis, locale: string): boolean {
  const language = locale.slice(0, 2);
  return speech.getVoices().some((voice) => voice.lang.toLowerCase().startsWith(language));
}

export function say(text: string, locale: string, onSpeaking: (speaking: boolean) => void): void {
  const speech = globalThis.speechSynthesis;
  if (speech === undefined || !speaks(speech, locale)) return;
  const sentence = new SpeechSynthesisUtterance(text);
  sentence.lang = locale;
  const done = (): void => {
    clearTimeout(limit);
    onSpeaking(false);
  };
  const limit = setTimeout(done, LONGEST_MS);
  sentence.onend = done;
  sentence.onerror = done;
  onSpeaking(true);
  speech.speak(sentence);
}
