// <market-countdown data-deadline data-now data-speed data-units="d|h|min|s" data-left="{time} left" data-closed>
// Counts by the server's clock: the page's own clock only measures how long ago the page was made.
const ANNOUNCE_AT = [86400, 3600, 600, 60, 0];
const SIZES = [86400, 3600, 60, 1];

class MarketCountdown extends HTMLElement {
  connectedCallback() {
    this.left = this.querySelector("[role=timer]");
    this.voice = this.querySelector("[aria-live]");
    this.loadedAt = performance.now();
    this.remainingAtLoad = (Date.parse(this.dataset.deadline) - Date.parse(this.dataset.now)) / 1000;
    this.before = this.remaining();
    this.show();
    this.timer = setInterval(() => this.tick(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  remaining() {
    const passed = ((performance.now() - this.loadedAt) / 1000) * Number(this.dataset.speed || 1);
    return Math.max(0, Math.floor(this.remainingAtLoad - passed));
  }

  tick() {
    const now = this.remaining();
    if (ANNOUNCE_AT.some((limit) => this.before > limit && now <= limit)) this.voice.textContent = this.text(now);
    if (now === 0 && this.before > 0) this.dispatchEvent(new CustomEvent("market:deadline", { bubbles: true }));
    this.before = now;
    this.show();
    if (now === 0) clearInterval(this.timer);
  }

  show() {
    const now = this.remaining();
    this.left.textContent = this.text(now);
    this.classList.toggle("is-near", now > 0 && now < 3600);
    this.classList.toggle("is-closed", now === 0);
  }

  /** The two largest units; seconds only in the last hour, so that nothing flickers needlessly. */
  text(seconds) {
    if (seconds === 0) return this.dataset.closed;
    const units = this.dataset.units.split("|");
    const parts = [];
    let rest = seconds;
    SIZES.forEach((size, index) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      if ((count > 0 || parts.length) && parts.length < 2) parts.push(`${count} ${units[index]}`);
    });
    return this.dataset.left.replace("{time}", parts.join(" "));
  }
}

customElements.define("market-countdown", MarketCountdown);
