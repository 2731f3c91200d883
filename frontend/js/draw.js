// <draw-check src="/…/dossier.json"> repeats a draw before the reader's eyes and ends in the seal only if every
// value equals the published one. All words are in the page already (templates/projects/_draw_check.html).
import { compare, read, recompute } from "./draw/recompute.js";

const ROWS_SHOWN = 300; // a longer table helps nobody; the rest is computed all the same
const ROWS_PACED = 60;

export class DrawCheck extends (globalThis.HTMLElement ?? class {}) {
  connectedCallback() {
    this.button = this.part("start");
    this.button.hidden = false;
    this.part("scriptless").hidden = true;
    this.button.addEventListener("click", () => this.run());
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  say(text, facts = {}) {
    this.part("voice").textContent = text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  }

  async run() {
    this.reset();
    this.button.disabled = true;
    this.setAttribute("aria-busy", "true");
    try {
      await this.check();
    } catch (problem) {
      console.warn(problem);
      this.end("unreadable");
    } finally {
      this.button.disabled = false;
      this.removeAttribute("aria-busy");
    }
  }

  async check() {
    if (!globalThis.crypto?.subtle) return this.end("insecure");
    this.say(this.dataset.fetching);
    const answer = await fetch(this.getAttribute("src"), { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const dossier = read(await answer.arrayBuffer());
    this.published = new Map(dossier.tickets.map(({ code, number, value }) => [`${code}/${number}`, value]));
    this.part("table").hidden = false;
    this.say(this.dataset.computing, { total: dossier.tickets.length });
    const computed = await recompute(dossier, (ticket, done, total) => this.show(ticket, done, total));
    await this.conclude(dossier, computed);
  }

  /** One row a ticket, at a pace the eye can follow; as fast as it goes for long pools and those who want no motion. */
  async show(ticket, done, total) {
    if (done <= ROWS_SHOWN) this.part("rows").append(this.row(ticket));
    this.part("progress").value = done / total;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if ((total <= ROWS_PACED && !still) || done % 200 === 0) await new Promise(requestAnimationFrame);
  }

  row({ code, name, number, value }) {
    const row = this.part("row").content.firstElementChild.cloneNode(true);
    const equal = this.published.get(`${code}/${number}`) === value;
    const texts = { name, code, number, value, verdict: equal ? this.dataset.equal : this.dataset.differs };
    for (const [field, text] of Object.entries(texts)) row.querySelector(`[data-field="${field}"]`).textContent = text;
    row.dataset.value = value;
    row.classList.toggle("is-different", !equal);
    return row;
  }

  async conclude(dossier, computed) {
    const claims = await compare(dossier, computed);
    for (const { name, ok } of claims) {
      const line = this.querySelector(`[data-check="${name}"]`);
      line.classList.add(ok ? "is-equal" : "is-different");
      line.querySelector("[data-field=verdict]").textContent = ok ? this.dataset.equal : this.dataset.differs;
    }
    this.part("checks").hidden = false;
    const names = new Map(dossier.pool.entrants.map(({ code, name }) => [code, name]));
    this.rank(computed);
    const winner = computed.winners.map((code) => names.get(code)).join(", ");
    this.end(claims.every(({ ok }) => ok) ? "verified" : "different", { winner });
  }

  /** Each entrant's place beside its smallest ticket. */
  rank({ order, winners }) {
    const places = new Map(order.map(({ score }, index) => [score, index + 1]));
    for (const row of this.part("rows").children) {
      const place = places.get(row.dataset.value);
      if (place) row.querySelector("[data-field=place]").textContent = place;
      row.classList.toggle("is-winner", place <= winners.length);
    }
  }

  /** The seal appears here and nowhere else. */
  end(outcome, facts = {}) {
    this.part(outcome === "verified" ? "seal" : "refused").hidden = false;
    this.dataset.outcome = outcome;
    this.say(this.dataset[outcome], facts);
    this.part("progress").hidden = true;
  }

  reset() {
    delete this.dataset.outcome;
    for (const name of ["table", "checks", "seal", "refused"]) this.part(name).hidden = true;
    this.part("rows").replaceChildren();
    for (const line of this.querySelectorAll("[data-check]")) line.classList.remove("is-equal", "is-different");
    this.part("progress").hidden = false;
    this.part("progress").value = 0;
  }
}

globalThis.customElements?.define("draw-check", DrawCheck);
