// What a kind of item has no use for is not asked about. Nothing is emptied, so trying another kind loses nothing.
"use strict";

const ITEM_NEEDED_BY = {
  scenario: ["scenario"],
  text: ["reading"],
  questions: ["check"],
  pass_mark: ["scenario", "check"],
  attempt_limit: ["scenario", "check"],
};

function fitItem(select) {
  const prefix = select.name.replace(/kind$/, "");
  for (const [name, kinds] of Object.entries(ITEM_NEEDED_BY)) {
    const field = document.querySelector(`[name="${prefix}${name}"]`);
    const line = field?.closest(".group\\/line");
    if (line) line.hidden = !kinds.includes(select.value);
  }
}

const itemKinds = (node) => node.querySelectorAll('select[name^="items-"][name$="-kind"]');

document.addEventListener("DOMContentLoaded", () => itemKinds(document).forEach(fitItem));
document.addEventListener("change", (event) => {
  if (event.target.matches('select[name^="items-"][name$="-kind"]')) fitItem(event.target);
});
document.addEventListener("formset:added", (event) => itemKinds(event.target).forEach(fitItem));
