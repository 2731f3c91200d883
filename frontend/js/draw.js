// <draw-check src="/…/dossier.json"> repeats a draw before the reader's eyes and ends in the seal only if every
// value equals the published one. All words are in the page already (templates/projects/_draw_check.html).
import { CheckElement } from "./check_element.js";
import { compare, read, recompute } from "./draw/recompute.js";

const ROWS_SHOWN = 300; // a longer table helps nobody; the rest is computed all the same
const ROWS_PACED = 60;

export class DrawCheck extends CheckElement {
  async check() {
    const bytes = await this.fetchDossier();
    if (bytes === null) return;
    const dossier = read(bytes);
    this.published = new Map(dossier.tickets.map(({ code, number, value }) => [`${code}/${number}`, value]));
    this.part("table").hidden = false;
    this.say(this.dataset.computing, { total: dossier.tickets.length });
    const computed = await recompute(dossier, (ticket, done, total) => this.show(ticket, done, total));
    this.say(this.dataset.pairing);
    await new Promise(requestAnimationFrame); // a pairing takes a moment: let it be said first
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
    const texts = { name, code, number, value, verdict: this.verdict(equal) };
    for (const [field, text] of Object.entries(texts)) row.querySelector(`[data-field="${field}"]`).textContent = text;
    row.dataset.value = value;
    row.classList.toggle("is-different", !equal);
    return row;
  }

  async conclude(dossier, computed) {
    const { signatureHolds } = await import("./beacon/signature.js");
    const whole = this.showClaims(await compare(dossier, computed, signatureHolds));
    const names = new Map(dossier.pool.entrants.map(({ code, name }) => [code, name]));
    this.rank(computed);
    const winner = computed.winners.map((code) => names.get(code)).join(", ");
    this.end(whole ? "verified" : "different", { winner });
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

  reset() {
    super.reset();
    this.part("rows").replaceChildren();
  }
}

globalThis.customElements?.define("draw-check", DrawCheck);
