// Objections, pains and criteria are folded to their first line. The admin opens them by mouse only and adds new ones
// folded; here the line becomes a button for the keyboard, and what was just added opens with the cursor in it.
"use strict";

const rowOf = (node) => node.closest(".form-group");

function prepare(row) {
  const line = row.querySelector("h3 strong");
  if (!line) return;
  line.tabIndex = 0;
  line.setAttribute("role", "button");
  tell(row);
}

function tell(row) {
  const line = row.querySelector("h3 strong");
  const state = window.Alpine?.$data(row);
  if (line && state) line.setAttribute("aria-expanded", String(Boolean(state.openRow)));
}

document.addEventListener("alpine:initialized", () => {
  document.querySelectorAll(".formset .form-group").forEach(prepare);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches(".form-group h3 strong") || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  event.target.click();
});

document.addEventListener("click", (event) => {
  const row = rowOf(event.target);
  if (row) window.setTimeout(() => tell(row), 0);
});

document.addEventListener("formset:added", (event) => {
  const row = event.target;
  // Alpine takes a new row up in its next tick.
  window.setTimeout(() => {
    const state = window.Alpine?.$data(row);
    if (state && "openRow" in state) state.openRow = true;
    prepare(row);
    window.setTimeout(() => row.querySelector("select, textarea, input:not([type=hidden])")?.focus(), 0);
  }, 30);
});
