// Loaded by the page of a decided selection.
import "../selection_check.js";
