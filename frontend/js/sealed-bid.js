// <sealed-bid> around the bidding form: the amount is checked and sealed in this browser, shown once more, and only the
// sealed file is sent. All words are in the page (templates/selection/bid.html). Without this script the form sends the
// amount itself, and the page says so.
import { encryptProposal } from "./bids/proposal.js";
import { basisPointsOf, bidText, fenOf, plainAmount } from "./bids/text.js";
import { QUICKNET_HASH, chainHolds, freshNonce, hexSha256, seal } from "./bids/seal.js";

export class SealedBid extends (globalThis.HTMLElement ?? class {}) {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.amount = this.form.querySelector("[data-amount]");
    this.amount.removeAttribute("name"); // what has no name is never sent
    this.proposal = this.hidden("proposal"); // only where experts score
    for (const name of ["scriptless", "plain"]) this.part(name).remove();
    for (const name of ["sealing", "seal"]) this.part(name).hidden = false;
    this.nonce = this.hidden("nonce").value;
    // Before the guard against double submits, which listens at the document.
    this.form.addEventListener("submit", (event) => this.submitted(event));
    this.form.addEventListener("input", (event) => [this.hidden("ciphertext"), this.hidden("encrypted")].includes(event.target) || this.reset());
    this.part("change").addEventListener("click", () => this.reset({ focus: true }));
    addEventListener("pageshow", (event) => event.persisted && this.reset());
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  hidden(name) {
    return this.form.elements.namedItem(name);
  }

  get chain() {
    const { publicKey, period, genesis, groupHash, beaconId, scheme } = this.dataset;
    return { publicKey, period: Number(period), genesis: Number(genesis), groupHash, beaconId, scheme };
  }

  submitted(event) {
    if (this.sealed && event.submitter === this.part("send")) return this.send();
    if (!this.sealed && this.hidden("ciphertext").value.trim()) return this.keepProposal(); // sealed elsewhere and pasted
    event.preventDefault();
    if (this.sealed) return this.part("send").focus();
    return this.prepare();
  }

  /** From here on the form holds the sealed file and not the amount. */
  send() {
    this.hidden("nonce").value = this.sealed.nonce;
    this.hidden("ciphertext").value = this.sealed.file;
    this.amount.value = "";
    if (this.sealed.proposal) this.hidden("encrypted").files = this.sealed.proposal;
    this.keepProposal();
  }

  /** The readable file stays here. */
  keepProposal() {
    this.proposal?.removeAttribute("name");
  }

  async prepare() {
    const quoted = this.read();
    if (quoted === null) return;
    if (this.proposal && !this.proposal.files.length) return this.wrong("noproposal", this.proposal);
    this.say("working");
    this.setAttribute("aria-busy", "true");
    await new Promise((done) => setTimeout(done)); // lets the message appear before the arithmetic starts
    try {
      await this.sealNow(quoted);
    } catch (problem) {
      console.warn(problem instanceof Error ? problem.name : "sealing failed");
      this.fail("failed");
    } finally {
      this.removeAttribute("aria-busy");
    }
  }

  async sealNow(quoted) {
    const { chainHash, demonstration } = this.dataset;
    if (!chainHolds(this.chain, chainHash, { demonstration: demonstration === "yes" })) return this.fail("mismatch");
    const nonce = freshNonce();
    const round = Number(this.dataset.round);
    const { project, agency, quote } = this.dataset;
    const proposal = this.proposal ? await this.encrypt(this.proposal.files[0]) : null;
    const text = bidText({ project, agency, round, chain: chainHash, nonce, quote }, quoted, proposal?.seal);
    const file = await seal(text, this.chain, round);
    this.sealed = { nonce, file, proposal: proposal?.files };
    this.show(quoted, hexSha256(file), chainHash === QUICKNET_HASH);
  }

  /** The proposal as only the key inside the bid opens it, in the form that a file input takes. */
  async encrypt(chosen) {
    const { file, seal: inside } = await encryptProposal(chosen.name, new Uint8Array(await chosen.arrayBuffer()));
    const carried = new DataTransfer();
    carried.items.add(new File([file], "proposal.bin", { type: "application/octet-stream" }));
    return { seal: inside, files: carried.files };
  }

  /** The amount, or null after saying what is wrong with it. */
  read() {
    const discount = this.dataset.quote === "discount";
    const quoted = discount ? basisPointsOf(this.amount.value) : fenOf(this.amount.value);
    const { low, high } = this.dataset;
    if (quoted === null) return this.wrong("unreadable");
    if (quoted < BigInt(low)) return this.wrong("toolow");
    if (quoted > BigInt(high)) return this.wrong("toohigh");
    return quoted;
  }

  wrong(why, field = this.amount) {
    const place = this.part("wrong");
    place.textContent = this.dataset[why];
    place.hidden = false;
    field.setAttribute("aria-invalid", "true");
    field.focus();
    return null;
  }

  /** What is about to be sent, to be looked at once more. */
  show(quoted, sha256, pinned) {
    const plain = plainAmount(quoted);
    const shown = plain.replace(/\B(?=(\d{3})+(?=\.))/g, ",");
    this.part("amount").textContent = this.dataset.quote === "discount" ? `${plain} %` : `¥${shown}`;
    this.part("sha256").textContent = sha256;
    this.part("pinned").hidden = !pinned;
    this.part("seal").hidden = true;
    const check = this.part("check");
    check.hidden = false;
    this.say("ready");
    check.querySelector("h3").focus();
  }

  fail(why) {
    this.say(why);
    this.part("voice").classList.add("is-wrong");
  }

  say(what) {
    const voice = this.part("voice");
    voice.classList.remove("is-wrong");
    voice.textContent = this.dataset[what];
  }

  /** Anything typed after sealing makes the sealed file stale. */
  reset({ focus = false } = {}) {
    if (this.sealed) this.hidden("ciphertext").value = "";
    this.sealed = null;
    this.hidden("nonce").value = this.nonce;
    this.part("check").hidden = true;
    this.part("wrong").hidden = true;
    this.part("seal").hidden = false;
    this.part("voice").textContent = "";
    this.amount.removeAttribute("aria-invalid");
    this.proposal?.removeAttribute("aria-invalid");
    if (focus) this.amount.focus();
  }
}

globalThis.customElements?.define("sealed-bid", SealedBid);
