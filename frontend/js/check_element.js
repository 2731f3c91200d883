// What the two "check it yourself" elements have in common: a button, a voice, claims, and a seal that appears only
// where every value is equal. All words are in the page already, because words are translated there.
export class CheckElement extends (globalThis.HTMLElement ?? class {}) {
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

  /** The dossier's bytes, the only thing that is fetched; null where the browser may not compute. */
  async fetchDossier() {
    if (!globalThis.crypto?.subtle) {
      this.end("insecure");
      return null;
    }
    this.say(this.dataset.fetching);
    const answer = await fetch(this.getAttribute("src"), { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.arrayBuffer();
  }

  /** Each claim with its verdict; the seal only if all hold and `whole` does. */
  showClaims(claims) {
    for (const { name, ok } of claims) {
      const line = this.querySelector(`[data-check="${name}"]`);
      line.classList.add(ok ? "is-equal" : "is-different");
      line.querySelector("[data-field=verdict]").textContent = this.verdict(ok);
    }
    this.part("checks").hidden = false;
    return claims.length > 0 && claims.every(({ ok }) => ok);
  }

  verdict(ok) {
    return ok ? this.dataset.equal : this.dataset.differs;
  }

  /** The seal appears here and nowhere else. */
  end(outcome, facts = {}, words = outcome) {
    this.part(outcome === "verified" ? "seal" : "refused").hidden = false;
    this.dataset.outcome = outcome;
    this.say(this.dataset[words], facts);
    this.part("progress").hidden = true;
  }

  reset() {
    delete this.dataset.outcome;
    for (const name of ["table", "checks", "seal", "refused"]) this.part(name).hidden = true;
    for (const line of this.querySelectorAll("[data-check]")) line.classList.remove("is-equal", "is-different");
    this.part("progress").hidden = false;
    this.part("progress").value = 0;
  }
}
