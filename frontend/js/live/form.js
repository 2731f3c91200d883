// The field of a bid reads the amount back while it is typed: a slip of a digit binds as much as any other bid.
const AMOUNT = /^\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,13})(?:\.([0-9]{1,2}))?\s*%?\s*$/;

/** "12300.5" -> "¥12,300.50"; nothing for what is no amount. */
export function reading(text, quote) {
  const match = AMOUNT.exec(text);
  if (!match) return "";
  const whole = BigInt(match[1].replaceAll(",", ""));
  const cents = (match[2] ?? "").padEnd(2, "0");
  if (quote === "discount") return `${whole}.${cents}`.replace(/\.?0+$/, (zeros) => (zeros.startsWith(".") ? "" : zeros)) + " %";
  return `¥${whole.toString().replace(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
}

globalThis.document?.addEventListener("input", (event) => {
  const place = event.target.closest?.(".live-form")?.querySelector("[data-part=reading]");
  if (!place) return;
  const amount = reading(event.target.value, place.dataset.quote);
  place.textContent = amount ? place.dataset.template.replace("{amount}", amount) : "";
});

for (const name of ["htmx:error", "htmx:response:error"]) {
  globalThis.document?.addEventListener(name, (event) => {
    const unsent = event.target.querySelector?.("[data-part=unsent]");
    if (unsent && name === "htmx:error") unsent.hidden = false;
  });
}
