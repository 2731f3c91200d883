// Loaded by pages that publish the result of a draw.
import "../draw.js";
