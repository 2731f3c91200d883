// Forms: no double submit, drafts saved by themselves, focus on what is wrong.
const SAVE_AFTER_MS = 1500;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-guard]") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  clearTimeout(form.saving);
  for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
});

// A page that the back button brings back must be usable again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) release(form);
});

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-autosave]");
  if (!form) return;
  form.dataset.changed = "yes";
  clearTimeout(form.saving);
  form.saving = setTimeout(() => save(form), SAVE_AFTER_MS);
});

async function save(form) {
  const status = form.querySelector(".form__saved");
  delete form.dataset.changed;
  status.textContent = status.dataset.saving;
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(answer.statusText);
    status.textContent = status.dataset.saved;
  } catch {
    form.dataset.changed = "yes";
    status.textContent = status.dataset.unsaved;
  }
}

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-changed]:not([data-sent])")) event.preventDefault();
});

function focusOnErrors() {
  document.querySelector("[data-focus]")?.focus();
}

document.addEventListener("htmx:after:swap", focusOnErrors);
focusOnErrors();
