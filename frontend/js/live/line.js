// The line to the server: events for as long as there are any, opened again after every break. Each state is complete,
// so nothing has to be asked for afterwards.
const SILENCE_MS = 25_000; // two beats and a bit
const RETURN_MS = 15_000; // after a refusal: too many windows, signed out

export class Line {
  /** `on`: {state, beat, end, line}, where line gets "live", "again", "lost" or "crowded". */
  constructor(url, on) {
    this.url = url;
    this.on = on;
    this.back = () => this.open();
    addEventListener("online", this.back);
    this.watch = setInterval(() => this.look(), 1000);
    this.open();
  }

  open() {
    this.source?.close();
    clearTimeout(this.later);
    this.heardAt = performance.now();
    const source = new EventSource(this.url);
    this.source = source;
    for (const name of ["state", "beat"]) source.addEventListener(name, (event) => this.hear(name, event));
    source.addEventListener("end", () => this.close("end"));
    source.addEventListener("error", () => this.broken(source));
  }

  hear(name, event) {
    this.heardAt = performance.now();
    this.on.line("live");
    this.on[name](JSON.parse(event.data));
  }

  /** The browser comes back by itself after a break, but not after a refusal. */
  async broken(source) {
    if (source !== this.source) return;
    if (source.readyState !== EventSource.CLOSED) return this.on.line("again");
    this.later = setTimeout(() => this.open(), RETURN_MS);
    this.on.line((await this.refused()) ? "crowded" : "lost");
  }

  async refused() {
    const stop = new AbortController();
    try {
      const answer = await fetch(this.url, { signal: stop.signal });
      return answer.status === 429;
    } catch {
      return false;
    } finally {
      stop.abort();
    }
  }

  /** A line can be cut without anybody being told. */
  look() {
    if (this.source.readyState !== EventSource.CLOSED && performance.now() - this.heardAt > SILENCE_MS) {
      this.on.line("again");
      this.open();
    }
  }

  close(why) {
    this.source.close();
    clearInterval(this.watch);
    clearTimeout(this.later);
    removeEventListener("online", this.back);
    if (why) this.on[why]();
  }
}
