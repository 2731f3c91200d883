// <live-bidding data-events data-state data-clock data-words>: shows the state that the server sent last and counts down
// by the server's clock. All words are in the page already.
import { Line } from "./line.js";
import { ServerTime, fill, left } from "./time.js";

const TICK_MS = 200;
const CALLS = [[60_000, "minute"], [10_000, "seconds"]];

class LiveBidding extends HTMLElement {
  connectedCallback() {
    this.words = JSON.parse(this.dataset.words);
    this.state = JSON.parse(this.dataset.state);
    this.time = new ServerTime(JSON.parse(this.dataset.clock));
    this.before = Infinity;
    this.tick();
    if (this.state.phase === "over") return;
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.line = new Line(this.dataset.events, {
      state: (state) => this.show(state),
      beat: (clock) => this.time.set(clock),
      end: () => this.end(),
      line: (how) => this.connected(how),
    });
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    this.line?.close();
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  say(text) {
    this.part("voice").textContent = text;
  }

  show(state) {
    this.time.set(state);
    const before = this.state;
    this.state = state;
    for (const name of ["rank", "bidders"]) this.write(name, state[name]);
    for (const name of ["best", "lowest"]) this.write(name, state[`${name}_text`]);
    this.part("first").hidden = state.rank !== 1;
    this.querySelector(".live__figure--rank").classList.toggle("is-first", state.rank === 1);
    this.showPhase();
    this.showElsewhere();
    this.announce(before, state);
    this.tick();
  }

  /** A colleague may bid too: the list below would not know. */
  showElsewhere() {
    const own = document.getElementById("own-bids");
    const known = own?.dataset.best ?? "";
    own?.querySelector("[data-part=elsewhere]")?.toggleAttribute("hidden", known === String(this.state.best ?? ""));
  }

  /** A figure that changed says so for a moment, to the eye as well. */
  write(name, value) {
    const place = this.part(name);
    const text = value === null || value === undefined ? "—" : String(value);
    if (!place || place.textContent === text) return;
    place.textContent = text;
    place.classList.remove("is-new");
    requestAnimationFrame(() => place.classList.add("is-new"));
  }

  showPhase() {
    const { phase, round } = this.state;
    for (const name of ["waiting", "open", "over"]) this.classList.toggle(`is-${name}`, name === phase);
    for (const item of this.querySelectorAll("[data-round]")) {
      const no = Number(item.dataset.round);
      item.classList.toggle("is-running", phase === "open" && no === round);
      item.classList.toggle("is-done", phase === "over" || no < round);
      if (phase === "open" && no === round) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
    for (const part of document.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== phase;
    this.part("label").textContent = fill(this.words[phase], { no: round, rounds: this.state.rounds });
  }

  /** Only what matters to the bidder: the round, its own rank, and the lowest price where it lost or never had the lead. */
  announce(before, after) {
    const said = [];
    if (after.phase === "open" && after.round !== before.round) {
      said.push(fill(this.words.round, { no: after.round, rounds: after.rounds }));
    }
    if (after.phase === "over" && before.phase !== "over") said.push(this.words.ended);
    if (after.rank !== before.rank && after.rank !== null) said.push(fill(this.words.rank, { rank: after.rank }));
    if (after.lowest !== before.lowest && after.rank !== 1) said.push(fill(this.words.lowest, { amount: after.lowest_text }));
    if (said.length) this.say(said.join(" "));
  }

  tick() {
    if (this.state.until === null) return;
    const ms = this.state.until - this.time.now();
    this.part("left").textContent = left(ms, this.words.units);
    this.classList.toggle("is-near", this.state.phase === "open" && ms < 30_000);
    for (const [limit, word] of CALLS) {
      if (this.state.phase === "open" && this.before > limit && ms <= limit && this.before < Infinity) this.say(this.words[word]);
    }
    this.before = ms;
  }

  connected(how) {
    this.dataset.line = how;
    this.part("line").textContent = this.words[how];
  }

  end() {
    clearInterval(this.timer);
    this.part("left").textContent = "0:00";
    this.connected("over");
  }
}

customElements.define("live-bidding", LiveBidding);

// What a bid brought about is told where everything else is told.
document.addEventListener("htmx:after:swap", () => {
  const board = document.querySelector("live-bidding");
  if (!board) return;
  const said = document.querySelector("#own-bids [data-said]");
  if (said) board.say(said.textContent);
  for (const part of document.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== board.state.phase;
});
