import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type Plugin } from "vite";

const source = resolve(import.meta.dirname, "static/src");
const pages = resolve(source, "pages");

/** One bundle for every page (`app`), and one more for each file in `static/src/pages`, named after it. */
function entries(): Record<string, string> {
  const found: Record<string, string> = { app: resolve(source, "app.ts"), sw: resolve(source, "worker/sw.ts") };
  for (const file of existsSync(pages) ? readdirSync(pages) : []) {
    if (file.endsWith(".ts")) found[basename(file, ".ts")] = resolve(pages, file);
  }
  return found;
}

/** The service worker learns which files every page needs, and is called by one name in every build. */
function shellOfThePages(): Plugin {
  return {
    name: "parley-shell",
    generateBundle(_options, bundle) {
      const files = new Set<string>();
      const take = (file: string): void => {
        const chunk = bundle[file];
        if (chunk?.type !== "chunk" || files.has(file)) return;
        files.add(file);
        for (const other of chunk.imports) take(other);
        for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style);
      };
      const app = Object.values(bundle).find((output) => output.type === "chunk" && output.name === "app");
      if (app) take(app.fileName);
      const worker = bundle["sw.js"];
      if (worker?.type !== "chunk") throw new Error("There is no service worker to write into.");
      const shell = [...files].sort().map((file) => `/static/${file}`);
      const build = createHash("sha256").update(shell.join()).update(worker.code).digest("hex").slice(0, 12);
      worker.code = worker.code
        .replaceAll("__SHELL__", JSON.stringify(shell))
        .replaceAll("__BUILD__", JSON.stringify(build));
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  // Django serves the built files; in development (`npm run dev` with VITE_DEV=1) Vite does, under the same path.
  base: "/static/",
  plugins: [tailwindcss(), shellOfThePages()],
  publicDir: false,
  build: {
    outDir: "static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // A worklet or a font inside a data: URL would need a looser content security policy.
    assetsInlineLimit: 0,
    // Only the call page loads the voice client, which brings a WebRTC library along.
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      input: entries(),
      output: { entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
      // htmx contains an eval that its configuration turns off (app.ts).
      checks: { eval: false },
    },
  },
  server: { host: "127.0.0.1", port: 5173, strictPort: true, cors: true },
});
