/** Speech of the browser's own: silent where it has no voice for the language. */

/** Some browsers never tell the end of a sentence. */
const LONGEST_MS = 6_000;

/** A browser looks for its voices only once they are asked for: at the first alarm that is late. */
export function wakeVoices(): void {
  globalThis.speechSynthesis?.getVoices();
}

export function say(text: string, locale: string, onSpeaking: (speaking: boolean) => void): void {
  const speech = globalThis.speechSynthesis;
  if (speech === undefined) return;
  const language = locale.slice(0, 2);
  if (!speech.getVoices().some((voice) => voice.lang.toLowerCase().startsWith(language))) return;
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
