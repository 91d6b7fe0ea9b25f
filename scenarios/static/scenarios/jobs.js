// A job's progress, looked up every second while it runs; when it is through, the page is drawn anew with what came of it.
// The job is told by its address in `data-job`: {state, done, total} for calls, {state, progress, step} for drafts.
"use strict";

const SECOND = 1000;
const FAILURES = 10;
const UNDER_WAY = ["waiting", "running"];

function watch(element) {
  const bar = element.querySelector("progress");
  const told = element.querySelector("[data-done], [data-step]");
  let failed = 0;

  async function look() {
    let job;
    try {
      const answer = await fetch(element.dataset.job, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      job = await answer.json();
      failed = 0;
    } catch {
      // The server may be restarting. After ten times in vain the page stands as it is; reloading it goes on.
      failed += 1;
      if (failed < FAILURES) window.setTimeout(look, 2 * SECOND);
      return;
    }
    if (!UNDER_WAY.includes(job.state)) {
      window.location.reload();
      return;
    }
    if ("total" in job) bar.max = Math.max(job.total, 1);
    bar.value = job.done ?? job.progress;
    const words = String(job.step ?? job.done);
    if (told.textContent !== words) told.textContent = words;
    window.setTimeout(look, SECOND);
  }

  window.setTimeout(look, SECOND / 2);
}

document.querySelectorAll("[data-job]").forEach(watch);
