// Time by the server's clock: our own only measures how long ago the server told it.
export class ServerTime {
  constructor({ now, speed }, monotonic = () => performance.now()) {
    this.monotonic = monotonic;
    this.set({ now, speed });
  }

  set({ now, speed }) {
    this.base = now;
    this.speed = speed;
    this.since = this.monotonic();
  }

  now() {
    return this.base + (this.monotonic() - this.since) * this.speed;
  }
}

/** "2:41" within an hour, else the two largest units. Rounded up: zero is shown when it is over and not before. */
export function left(ms, units) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const parts = [];
  let rest = seconds;
  [86400, 3600, 60].forEach((size, index) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if ((count > 0 || parts.length) && parts.length < 2) parts.push(`${count} ${units[index]}`);
  });
  return parts.join(" ");
}

export function fill(template, facts) {
  return template.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
}
