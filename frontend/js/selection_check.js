// <selection-check src="/…/dossier.json"> opens every sealed bid with the published signature, reckons again before the
// reader's eyes, and ends in the seal only if every value equals the published one.
import { CheckElement } from "./check_element.js";
import { compare, read, recompute } from "./selection/recompute.js";

export class SelectionCheck extends CheckElement {
  async check() {
    const bytes = await this.fetchDossier();
    if (bytes === null) return;
    const dossier = read(bytes);
    this.names = new Map(dossier.pool.entrants.map(({ code, name }) => [code, name]));
    this.quote = dossier.terms.quote;
    this.part("table").hidden = false;
    const computed = await recompute(dossier, { onBid: (bid, done, total) => this.showBid(bid, done, total) });
    this.say(this.dataset.reckoning);
    await this.showDecision(computed.decision);
    const whole = this.showClaims(await compare(dossier, computed)) && this.allRowsEqual();
    const winner = computed.decision?.winner ?? null;
    this.end(whole ? "verified" : "different", { winner: this.names.get(winner) }, whole && winner === null ? "verifiedNobody" : undefined);
  }

  async showBid({ code, quoted, fault }, done, total) {
    this.say(this.dataset.opening, { done, total });
    this.part("progress").value = done / total;
    this.fill(`bid:${code}`, fault ?? quoted, fault ? this.dataset.invalid : this.amount(quoted));
    await new Promise(requestAnimationFrame); // a pairing takes a moment, so let the page be seen between two
  }

  async showDecision(decision) {
    if (!decision) return;
    for (const { name, value, unit } of decision.figures) this.fill(`figure:${name}`, value, inUnit(value, unit));
    for (const [place, { winners }] of decision.lots.entries()) {
      this.fill(`lot:${place}`, winners.join(" "), winners.map((code) => this.names.get(code) ?? percent(code)).join(", "));
    }
    this.fill("price", decision.price_fen ?? "", decision.price_fen === null ? "—" : yuan(decision.price_fen));
    this.fill("winner", decision.winner ?? "", this.names.get(decision.winner) ?? "—");
  }

  fill(step, value, text) {
    const row = this.querySelector(`[data-step="${CSS.escape(step)}"]`);
    if (!row) return;
    const equal = row.dataset.value === String(value);
    row.querySelector("[data-field=found]").textContent = text;
    row.querySelector("[data-field=verdict]").textContent = this.verdict(equal);
    row.classList.add(equal ? "is-equal" : "is-different");
  }

  allRowsEqual() {
    return [...this.querySelectorAll("[data-step]")].every((row) => row.classList.contains("is-equal"));
  }

  amount(quoted) {
    return this.quote === "price" ? yuan(quoted) : percent(quoted);
  }

  reset() {
    super.reset();
    for (const row of this.querySelectorAll("[data-step]")) {
      row.classList.remove("is-equal", "is-different");
      for (const field of row.querySelectorAll("[data-field]")) field.textContent = "";
    }
  }
}

function inUnit(value, unit) {
  if (unit === "fen") return yuan(value);
  return unit === "basis_points" ? percent(value) : String(value);
}

/** ¥12,300.00, as the page writes amounts. */
function yuan(fen) {
  const digits = String(fen).padStart(3, "0");
  return `¥${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",")}.${digits.slice(-2)}`;
}

/** Basis points as 95% or 97.5%. */
function percent(points) {
  const digits = String(points).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`.replace(/\.?0+$/, "") + "%";
}

globalThis.customElements?.define("selection-check", SelectionCheck);
