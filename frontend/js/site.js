// What every page loads: htmx, and small behaviours that pages also work without.
import "./htmx.js";
import "./countdown.js";
import "./copy.js";
import "./forms.js";
import "./menus.js";
import "./suggestions.js";
