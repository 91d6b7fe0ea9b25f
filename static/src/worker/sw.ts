/**
 * The service worker: built files from the cache, and a page that says so when there is no way to the server.
 *
 * Nothing of anybody is ever kept here: of answers only built files, whose names change with their contents, and the offline
 * pages, which are fetched without cookies. Pages, parts of pages and the API always come from the server.
 */

// Its own small words for what TypeScript's library for workers would clash with the pages' library about.
interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Waiting {
  readonly request: Request;
  readonly preloadResponse: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}
interface Worker_ {
  addEventListener(type: "install" | "activate", act: (event: Waiting) => void): void;
  addEventListener(type: "fetch", act: (event: Fetching) => void): void;
  addEventListener(type: "message", act: (event: MessageEvent<Said> & Waiting) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  readonly registration: { readonly navigationPreload?: { enable(): Promise<void> } };
}
type Said = { type: "language"; language: string } | { type: "take-over" };

// Written in by the build (vite.config.ts): the files that every page needs, and what they add up to.
declare const __SHELL__: string[];
declare const __BUILD__: string;

const worker = globalThis as unknown as Worker_;
const LANGUAGES = ["en", "es"];
const SHELL = `parley-shell-${__BUILD__}`;
const FILES = "parley-files";
const CHOSEN = "parley-language";
const MOST_FILES = 150;
const BUILT = /^\/static\/assets\/.+-[\w-]{8}\.\w+$/;

const offlinePage = (language: string): string => `/offline/?lang=${language}`;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const shell = await caches.open(SHELL);
      await shell.addAll(__SHELL__);
      for (const language of LANGUAGES) {
        const page = offlinePage(language);
        await shell.add(new Request(page, { credentials: "omit", cache: "reload" }));
      }
    })(),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name.startsWith("parley-shell-") && name !== SHELL);
      await Promise.all(old.map((name) => caches.delete(name)));
      await worker.registration.navigationPreload?.enable();
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener("message", (event) => {
  const said = event.data;
  if (said.type === "take-over") event.waitUntil(worker.skipWaiting());
  else if (LANGUAGES.includes(said.language)) {
    event.waitUntil(caches.open(CHOSEN).then((cache) => cache.put("/", new Response(said.language))));
  }
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (BUILT.test(url.pathname)) event.respondWith(file(request));
});

async function page(event: Fetching): Promise<Response> {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch (error) {
    const chosen = await (await caches.open(CHOSEN)).match("/").then((kept) => kept?.text());
    const shown = await caches.match(offlinePage(chosen ?? "en"));
    if (shown) return shown;
    throw error;
  }
}

async function file(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.status === 200 && answer.type === "basic") {
    const files = await caches.open(FILES);
    await files.put(request, answer.clone());
    const names = await files.keys();
    await Promise.all(names.slice(0, Math.max(0, names.length - MOST_FILES)).map((name) => files.delete(name)));
  }
  return answer;
}
