// How far documents are, looked up every second while they are read; when one is through, the page is drawn anew.
"use strict";

const LOOK_MS = 1000;
const MOST_FAILURES = 10;

function watchReading(bar) {
  let failed = 0;

  async function look() {
    try {
      const answer = await fetch(bar.dataset.reading, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const state = await answer.json();
      failed = 0;
      if (state.over) {
        window.location.reload();
        return;
      }
      bar.value = state.progress;
    } catch {
      // The server may be restarting. After ten times in vain the page stands as it is; reloading it goes on.
      failed += 1;
      if (failed >= MOST_FAILURES) return;
    }
    window.setTimeout(look, LOOK_MS);
  }

  window.setTimeout(look, LOOK_MS);
}

document.querySelectorAll("[data-reading]").forEach(watchReading);
