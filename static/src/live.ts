/** The number of calls that are being held, in the menu of those who coach: asked for now and then while the page is seen. */
import { getJson } from "./api";

const EVERY_MS = 15_000;

export function countLiveCalls(): void {
  const places = document.querySelectorAll<HTMLElement>("[data-live-count]");
  const url = places[0]?.dataset.url;
  if (!url) return;
  const ask = async (): Promise<void> => {
    if (document.hidden) return;
    // A number that cannot be had is no reason to bother anybody; the next question comes by itself.
    const calls = await getJson<{ calls: number }>(url).then(
      (answer) => answer.calls,
      () => 0,
    );
    for (const place of places) {
      place.hidden = calls === 0;
      const number = place.querySelector("[data-number]");
      if (number) number.textContent = String(calls);
    }
  };
  window.setInterval(() => void ask(), EVERY_MS);
  document.addEventListener("visibilitychange", () => void ask());
  void ask();
}
