// A search field with suggestions (data-suggestions names the box below it): a combobox by the keyboard and to a screen
// reader. The fragment comes by htmx; without JavaScript the field is a plain form.
const options = (box) => [...box.querySelectorAll(".suggestion")];

function close(field, box) {
  box.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function show(field, box) {
  const found = options(box);
  box.setAttribute("role", "listbox");
  found.forEach((option, place) => {
    option.id = `${box.id}-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.tabIndex = -1;
  });
  box.hidden = !found.length || document.activeElement !== field;
  field.setAttribute("aria-expanded", String(!box.hidden));
  field.removeAttribute("aria-activedescendant");
}

function move(field, box, step) {
  const found = options(box);
  if (box.hidden || !found.length) return false;
  const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
  found[at]?.setAttribute("aria-selected", "false");
  const next = at + step;
  if (next < 0 || next >= found.length) {
    field.removeAttribute("aria-activedescendant");
    return true;
  }
  found[next].setAttribute("aria-selected", "true");
  found[next].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", found[next].id);
  return true;
}

for (const field of document.querySelectorAll("[data-suggestions]")) {
  const box = document.getElementById(field.dataset.suggestions);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.addEventListener("focus", () => show(field, box));
  field.addEventListener("keydown", (event) => {
    const chosen = box.querySelector('[aria-selected="true"]');
    if (event.isComposing) return; // the keys are the input method's
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (move(field, box, event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    } else if (event.key === "Escape" && !box.hidden) {
      close(field, box);
      event.preventDefault();
    } else if (event.key === "Enter" && chosen && !box.hidden) {
      event.preventDefault();
      chosen.click();
    }
  });
  field.closest("form").addEventListener("focusout", (event) => {
    if (!event.currentTarget.contains(event.relatedTarget)) close(field, box);
  });
  new MutationObserver(() => show(field, box)).observe(box, { childList: true });
}
