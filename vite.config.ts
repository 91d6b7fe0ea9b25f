import { existsSync, readdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const source = resolve(import.meta.dirname, "static/src");
const pages = resolve(source, "pages");

/** One bundle for every page (`app`), and one more for each file in `static/src/pages`, named after it. */
function entries(): Record<string, string> {
  const found: Record<string, string> = { app: resolve(source, "app.ts") };
  for (const file of existsSync(pages) ? readdirSync(pages) : []) {
    if (file.endsWith(".ts")) found[basename(file, ".ts")] = resolve(pages, file);
  }
  return found;
}

export default defineConfig({
  root: import.meta.dirname,
  // Django serves the built files; in development (`npm run dev` with VITE_DEV=1) Vite does, under the same path.
  base: "/static/",
  plugins: [tailwindcss()],
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
      // htmx contains an eval that its configuration turns off (app.ts).
      checks: { eval: false },
    },
  },
  server: { host: "127.0.0.1", port: 5173, strictPort: true, cors: true },
});
