// [data-copy]: copies its text and says so. Hidden where the browser cannot.
function prepare(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const words = button.querySelector("span");
  const before = words.textContent;
  if (before === button.dataset.copied) return;
  words.textContent = button.dataset.copied;
  setTimeout(() => (words.textContent = before), 2000);
});

document.addEventListener("htmx:after:swap", () => prepare(document));
prepare(document);
