// Loaded by the page on which an agency bids.
import "../sealed-bid.js";
