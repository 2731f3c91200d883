// The draw `hmac-draw/1`: seed = HMAC(randomness, D), one HMAC a ticket, the smallest ticket of all comes first.
import { canonical, hmac, hmacKey, toHex } from "./canonical.js";

export const ALGORITHM = "hmac-draw/1";

/** Computes D (`input`) with the round's randomness (bytes). `onTicket(ticket, done, total)` may return a promise. */
export async function draw(input, randomness, onTicket = () => {}) {
  const seed = await hmac(await hmacKey(randomness), canonical(input));
  const key = await hmacKey(seed);
  const total = input.entrants.reduce((sum, { tickets }) => sum + tickets, 0);
  const tickets = [];
  for (const entrant of input.entrants) {
    for (let number = 1; number <= entrant.tickets; number += 1) {
      const ticket = { code: entrant.code, number, value: toHex(await hmac(key, `${entrant.code}/${number}`)) };
      tickets.push(ticket);
      await onTicket(ticket, tickets.length, total);
    }
  }
  const order = placesOf(tickets);
  return { seed: toHex(seed), tickets, order, winners: order.slice(0, input.winners).map(({ code }) => code) };
}

/** Entrants by their smallest ticket. Equal lengths of hexadecimal compare like the numbers they spell. */
function placesOf(tickets) {
  const best = new Map();
  for (const { code, value } of tickets) if (!best.has(code) || value < best.get(code)) best.set(code, value);
  const places = [...best].map(([code, score]) => ({ code, score }));
  return places.sort((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : a.code < b.code ? -1 : 1));
}
