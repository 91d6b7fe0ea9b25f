// On a phone the rows of a list stand as cards and name each cell by its column. Columns are named as Django names fields,
// in small letters: here the first one becomes a capital, as in the head of the table.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const cell of document.querySelectorAll("#result_list [data-label]")) {
    cell.dataset.label = cell.dataset.label.charAt(0).toLocaleUpperCase() + cell.dataset.label.slice(1);
  }
});
