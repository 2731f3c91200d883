import htmx from "htmx.org";

// htmx compiles code from attributes (hx-on, trigger filters, js: values). Our policy forbids it in the browser;
// refusing here as well gives a plain message in place of a policy violation.
function refuse() {
  throw new Error("code in attributes is not allowed; write it in a module");
}

htmx.registerExtension("no-code", {
  init(api) {
    api.initSecurity(null, refuse, refuse);
  },
});
