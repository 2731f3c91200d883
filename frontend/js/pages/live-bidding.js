// Loaded by the page of a live bidding.
import "../live/board.js";
import "../live/form.js";
