/** Filters of a history: addresses that can be shared, and days that cannot be the wrong way round. */

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-filter]")) {
  const since = form.elements.namedItem("since");
  const until = form.elements.namedItem("until");
  if (since instanceof HTMLInputElement && until instanceof HTMLInputElement) {
    const narrow = (): void => {
      until.min = since.value;
      since.max = until.value;
    };
    form.addEventListener("change", narrow);
    narrow();
  }
  // What was left empty need not be in the address. `formdata` fires while the browser collects the fields.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}
