// Forms with layout rules: when a value changes that they depend on, the server is asked what stands there now. Without an
// answer (no network) the form stays as it is; the server decides once more when it is saved.
"use strict";
(() => {
  const { $, $$, on } = window.banyan;
  const waits = new WeakMap(), rounds = new WeakMap();
  const named = (form, name) => $$(`[name="${CSS.escape(name)}"]`, form);

  const require = (field, wanted) => {
    const label = $(".b-label, label .strong, label", field), mark = $(".b-req", field);
    if (wanted && !mark && label) label.append(" ", Object.assign(document.createElement("span"), { className: "b-req", textContent: "*", ariaHidden: "true" }));
    if (!wanted && mark) mark.remove();
    $$("input:not([type=hidden]), select, textarea", field).forEach((one) => { wanted ? one.setAttribute("aria-required", "true") : one.removeAttribute("aria-required"); });
  };
  const apply = (form, { fields, sections }) => {
    Object.entries(fields).forEach(([name, { hidden, locked, required }]) => $$(`[data-ruled="${CSS.escape(name)}"]`, form).forEach((field) => {
      field.hidden = hidden;
      field.inert = locked;
      require(field, required);
    }));
    Object.entries(sections).forEach(([name, off]) => $$(`[data-ruled-section="${CSS.escape(name)}"]`, form).forEach((part) => {
      part.toggleAttribute("data-off", off);
      if (off || !part.dataset.showIf) part.hidden = off;
    }));
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };
  // Another layout: the form as the server draws it, with what was typed; chosen files and first values move over
  const place = (form, html) => {
    const active = document.activeElement, at = form.contains(active) ? [active.id, active.selectionStart, active.selectionEnd] : null;
    const files = $$("input[type=file]", form).filter((one) => one.files.length);
    const first = new Map($$("input, textarea, select", form).map((one) => [`${one.name}=${/^(checkbox|radio)$/.test(one.type) ? one.value : ""}`, one]));
    const scroll = scrollY;
    window.htmx.swap("#record", html, { swapStyle: "innerHTML" });
    const fresh = $("#record_form");
    $$("input, textarea, select", fresh).forEach((one) => {
      const was = first.get(`${one.name}=${/^(checkbox|radio)$/.test(one.type) ? one.value : ""}`);
      if (!was || was.type !== one.type || /^(hidden|file)$/.test(one.type)) return;
      if (/^(checkbox|radio)$/.test(one.type)) { const now = one.checked; one.defaultChecked = was.defaultChecked; one.checked = now; }
      else {
        const now = one.value;
        if (one.tagName !== "SELECT") one.defaultValue = was.defaultValue;
        else [...one.options].forEach((option) => { option.defaultSelected = option.value === $("option[selected]", was)?.value; });
        one.value = now;
      }
    });
    files.forEach((one) => { const there = named(fresh, one.name).find((other) => other.type === "file"); there ? there.replaceWith(one) : (one.hidden = true, fresh.append(one)); });
    fresh.dispatchEvent(new Event("input", { bubbles: true }));      // what is carried belongs to the draft of this page, too
    const again = at && document.getElementById(at[0]);
    if (again) { again.focus({ preventScroll: true }); if (at[1] !== null && again.setSelectionRange) try { again.setSelectionRange(at[1], at[2]); } catch { /* a number has no caret */ } }
    scrollTo(0, scroll);
  };
  const ask = async (form) => {
    const round = (rounds.get(form) || 0) + 1, sent = new URLSearchParams();
    rounds.set(form, round);
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "_method") sent.append(name, value);
    const answered = await fetch(form.dataset.ask, { method: "POST", body: sent, headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answered?.ok || rounds.get(form) !== round || !form.isConnected) return;
    if ((answered.headers.get("Content-Type") || "").startsWith("application/json")) return apply(form, await answered.json());
    const html = await answered.text();
    if (rounds.get(form) === round && form.isConnected) place(form, html);
  };
  const later = (form, after) => { clearTimeout(waits.get(form)); waits.set(form, setTimeout(ask, after, form)); };
  const asks = (event, form, after) => {
    if (event.target === form) return;                  // whose .name is the field of that name
    if (form.dataset.asks.split(" ").includes((event.target.name || "").split(".")[0])) later(form, after);
  };
  on("input", "form[data-asks]", (event, form) => asks(event, form, 400));
  on("change", "form[data-asks]", (event, form) => asks(event, form, 50));
  addEventListener("online", () => $$("form[data-asks][data-dirty]").forEach((form) => later(form, 0)));
  setTimeout(() => $$("form[data-asks][data-dirty]").forEach((form) => later(form, 0)));
})();
