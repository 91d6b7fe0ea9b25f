/** The app on somebody's device: the worker behind it, and the word that a new version is there. */

export function startWorker(): void {
  const address = document.querySelector<HTMLMetaElement>('meta[name="service-worker"]')?.content;
  if (!address || !("serviceWorker" in navigator)) return;
  // After everything that the page itself needs.
  window.addEventListener("load", () => void register(address));
}

async function register(address: string): Promise<void> {
  const workers = navigator.serviceWorker;
  const registration = await workers.register(address, { scope: "/" }).catch(() => null);
  // A browser that takes none (private windows of some) has everything but the offline page.
  if (!registration) return;
  const hadOne = workers.controller !== null;
  if (registration.waiting && hadOne) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const fresh = registration.installing;
    fresh?.addEventListener("statechange", () => {
      if (fresh.state === "installed" && workers.controller) offer(fresh);
    });
  });
  const ready = await workers.ready;
  ready.active?.postMessage({ type: "language", language: document.documentElement.lang });
}

/** The page goes on as it is until somebody says otherwise: a call must not reload itself. */
function offer(fresh: ServiceWorker): void {
  const note = document.querySelector<HTMLElement>("[data-new-version]");
  if (!note) return;
  note.hidden = false;
  note.querySelector("[data-take-over]")?.addEventListener("click", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => window.location.reload(), { once: true });
    fresh.postMessage({ type: "take-over" });
  });
  note.querySelector("[data-later]")?.addEventListener("click", () => {
    note.hidden = true;
  });
}
