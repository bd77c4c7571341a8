// The studio: its keys (take back, do again), lists that are ordered by dragging, forms that ask more after a choice.
"use strict";
(() => {
  const typing = (at) => at instanceof Element && at.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || typing(event.target)) return;
    const key = event.key.toLowerCase();
    const wanted = key === "y" || (key === "z" && event.shiftKey) ? "[data-redo]" : key === "z" ? "[data-undo]" : "";
    const button = wanted && document.querySelector(wanted);
    if (button && !button.disabled) { event.preventDefault(); button.click(); }
  });

  // Another choice changes what the form asks: it is drawn again, as the button "Next" does where there are no scripts.
  document.addEventListener("change", (event) => {
    const control = event.target;
    if (!(control instanceof Element) || !control.matches("[data-redraw]") || !control.form) return;
    const asked = document.createElement("input"), form = control.form, strict = !form.noValidate;
    Object.assign(asked, { type: "hidden", name: "schema:do", value: "redraw" });
    form.append(asked);
    form.noValidate = true;
    form.requestSubmit();
    form.noValidate = !strict;
    asked.remove();
  });

  // Plain lists are told by their order: after a drag their buttons mean the new one.
  const numbered = (list) => {
    if (list.matches(".b-rows-edit")) return;
    [...list.children].forEach((row, at) => {
      for (const button of row.querySelectorAll('[name="schema:do"]')) {
        button.value = button.value.replace(/\.\d+$/, `.${at}`);
        if (button.id.startsWith("do-")) button.id = button.id.replace(/\.\d+$/, `.${at}`);
      }
    });
  };

  // Lists inside a form: the order of the rows is the order in which they are sent.
  const ready = (within) => {
    if (!window.Sortable) return;
    for (const list of within.querySelectorAll("[data-heading]")) {
      if (window.Sortable.get(list)) continue;
      window.Sortable.create(list, { handle: "[data-grip]", animation: 120, group: "menu", onEnd: () => {
        const form = document.getElementById("menu_order");
        form.elements.order.value = [...form.querySelectorAll("[data-name]")]
          .map((each) => `${each.dataset.name}@${each.parentElement.dataset.heading}`).join("\n");
        form.requestSubmit();
      } });
    }
    for (const list of within.querySelectorAll("[data-rows]")) {
      if (!window.Sortable.get(list)) window.Sortable.create(list, { handle: "[data-grip]", animation: 120,
        onEnd: () => { numbered(list); list.dispatchEvent(new Event("change", { bubbles: true })); } });
    }
    // A list whose form sends only the order: the names, one after the other.
    for (const list of within.querySelectorAll("[data-order]")) {
      if (window.Sortable.get(list)) continue;
      window.Sortable.create(list, { handle: "[data-grip]", animation: 120, onEnd: () => {
        const form = document.getElementById(list.dataset.order);
        form.elements.order.value = [...list.children].map((each) => each.dataset.name).join(" ");
        form.requestSubmit();
      } });
    }
  };
  document.addEventListener("DOMContentLoaded", () => { ready(document); document.querySelector(".b-tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" }); });
  document.addEventListener("htmx:afterSettle", (event) => ready(event.target instanceof Element ? event.target.parentElement || document : document));

  // A form that keeps each change by itself: what shows the result (its [data-live]) asks for it anew, and the form stays as it is.
  let soon = 0;
  const live = (event) => {
    const form = event.target instanceof Element ? event.target.closest("form:has([data-live])") : null;
    if (!form || event.target.matches("[data-redraw], input:not([name])")) return;
    clearTimeout(soon);
    soon = setTimeout(() => { if (form.isConnected) window.htmx.trigger(form.querySelector("[data-live]"), "live"); }, 250);
  };
  document.addEventListener("change", live);
  document.addEventListener("submit", () => clearTimeout(soon), true);            // it brings all that was changed along
  document.addEventListener("change", (event) => { if (event.target instanceof Element && event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target instanceof Element && event.target.matches("[data-criteria]")) live(event); });

  // Whoever pressed a button of a form that was drawn again is at it still; one that moves a row is found where the row is now.
  let pressed = "";
  document.addEventListener("submit", (event) => { pressed = event.submitter?.id || ""; }, true);
  document.addEventListener("htmx:afterSettle", () => {
    const moved = pressed.replace(/^(do-(up|down)-.*\.)(\d+)$/, (_all, stem, verb, number) => stem + Math.max(0, Number(number) + (verb === "up" ? -1 : 1)));
    const again = pressed && (document.getElementById(moved) || document.getElementById(pressed));
    if (again && (!document.activeElement || document.activeElement.matches("body, main"))) again.focus({ preventScroll: true });
    pressed = "";
  });

  // What was unfolded stays so when its form is drawn again; each part is known by its first control.
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", () => { unfolded = [...document.querySelectorAll("#work form details[open]")].map((one) => one.querySelector(":is(input, select, textarea)[id]")?.id).filter(Boolean); });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of unfolded) { const part = document.getElementById(id)?.closest("details"); if (part) part.open = true; }
    unfolded = [];
  });
})();
