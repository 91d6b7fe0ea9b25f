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

// A new row is Alpine's in its next tick, and its fields are there to be focused when Alpine has drawn them: on a busy machine
// both take a while, so look at every frame, for a second.
const FRAMES = 60;

function open(row, left) {
  const state = window.Alpine?.$data(row);
  if (state && "openRow" in state) state.openRow = true;
  const field = row.querySelector("select, textarea, input:not([type=hidden])");
  if (field && field.offsetParent !== null) field.focus();
  if (left > 0 && field && document.activeElement !== field) window.requestAnimationFrame(() => open(row, left - 1));
}

document.addEventListener("formset:added", (event) => {
  const row = event.target;
  window.setTimeout(() => {
    open(row, FRAMES);
    prepare(row);
  }, 30);
});

// What a kind of criterion has no use for is not asked about: parts belong to several parts, a document to one that is
// compared with it, points for half met to what is met or not. Nothing is emptied, so trying another kind loses nothing.
const NEEDED_BY = {
  parts: ["compound"],
  source: ["grounded"],
  anchors: ["rated", "binary", "grounded", "blocker"],
  partial: ["binary", "compound"],
  signals: ["rated", "binary", "blocker"],
};

function fitToKind(select) {
  const prefix = select.name.replace(/kind$/, "");
  for (const [name, kinds] of Object.entries(NEEDED_BY)) {
    const field = document.querySelector(`[name="${prefix}${name}"]`);
    const line = field?.closest(".group\\/line");
    if (line) line.hidden = !kinds.includes(select.value);
  }
}

const kindsIn = (node) => node.querySelectorAll('select[name^="criteria-"][name$="-kind"]');

document.addEventListener("DOMContentLoaded", () => kindsIn(document).forEach(fitToKind));
document.addEventListener("change", (event) => {
  if (event.target.matches('select[name^="criteria-"][name$="-kind"]')) fitToKind(event.target);
});
document.addEventListener("formset:added", (event) => kindsIn(event.target).forEach(fitToKind));
