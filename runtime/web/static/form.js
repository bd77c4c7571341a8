// What lists and forms need besides app.js (loaded after it): chosen rows, lookups by typing, sections that depend on
// fields, drafts of what was typed.
"use strict";
(() => {
  const { $, $$, on, fold, options, choose, arrows, said } = window.banyan;

  // Choosing rows: one, all, a range with Shift; CSS shows the bar while any is checked
  let last = null;
  const picks = (form) => $$("tbody input[name=id]", form);
  const picked = (form) => {
    const all = picks(form), some = all.filter((box) => box.checked), head = $("[data-all]", form), says = $("[data-picked]", form);
    if (!head) return;
    head.checked = all.length > 0 && some.length === all.length;
    head.indeterminate = some.length > 0 && !head.checked;
    $("input[name=all]", form)?.setAttribute("disabled", "");
    if (says) says.textContent = says.dataset.say.replace("{n}", some.length);
  };
  on("click", ".b-listing tbody input[name=id]", (event, box) => {
    const all = picks(box.form), a = all.indexOf(last), b = all.indexOf(box);
    if (event.shiftKey && a >= 0) all.slice(Math.min(a, b), Math.max(a, b)).forEach((one) => { one.checked = box.checked; });
    last = box;
    picked(box.form);
  });
  on("change", "[data-all]", (_, head) => { picks(head.form).forEach((box) => { box.checked = head.checked; }); picked(head.form); });
  on("click", "[data-unpick]", (_, button) => { picks(button.form).forEach((box) => { box.checked = false; }); picked(button.form); });
  on("click", "[data-pick-all]", (_, button) => {
    picks(button.form).forEach((box) => { box.checked = true; });
    picked(button.form);
    $("input[name=all]", button.form).removeAttribute("disabled");
    $("[data-picked]", button.form).textContent = button.dataset.say;
  });

  // Lookups: type, choose; the hidden input beside keeps the id
  const waits = new WeakMap();
  const parts = (input) => ({ box: input.closest(".b-lookup"), list: document.getElementById(input.getAttribute("aria-controls")), id: $("input[type=hidden]", input.closest(".b-lookup")) });
  const shut = (input) => { parts(input).list.hidden = true; input.setAttribute("aria-expanded", "false"); };
  const ask = async (input) => {
    const { list } = parts(input), url = new URL(input.dataset.lookup, location.href), asked = input.dataset.touched ? input.value.trim() : "";
    url.searchParams.set("q", asked);
    const answered = await fetch(url, { headers: { "HX-Request": "true" } });
    const html = answered.ok ? await answered.text() : "";
    if (document.activeElement !== input) return;
    list.innerHTML = html;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    choose(input, list, asked ? options(list)[0] : null);
  };
  const take = (input, option) => {
    const { id } = parts(input);
    id.dataset.was ??= id.value;                        // a hidden field forgets its first value
    id.value = option ? option.dataset.id : "";
    input.value = input.dataset.kept = option ? option.dataset.label : "";
    delete input.dataset.touched;
    shut(input);
    id.dispatchEvent(new Event("input", { bubbles: true }));
  };
  on("focusin", "[data-lookup]", (_, input) => { input.dataset.kept ??= input.value; });
  on("click", "[data-lookup]", (_, input) => { if (parts(input).list.hidden) ask(input); });
  on("input", "[data-lookup]", (event, input) => {
    input.dataset.touched = "1";
    clearTimeout(waits.get(input));
    waits.set(input, setTimeout(ask, 150, input));
  });
  on("keydown", "[data-lookup]", (event, input) => {
    const { list } = parts(input), chosen = $(".b-opt[aria-selected=true]", list);
    if (event.key === "ArrowDown" && list.hidden) { event.preventDefault(); return ask(input); }
    arrows(event, input, list);
    if (event.key === "Enter" && !list.hidden && chosen) { event.preventDefault(); take(input, chosen); }
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); shut(input); }
  });
  on("mousedown", ".b-lookup .b-opt", (event, option) => { event.preventDefault(); take($("[data-lookup]", option.closest(".b-lookup")), option); });
  on("focusout", "[data-lookup]", (_, input) => {
    if (!input.value.trim() && input.dataset.kept) take(input, null);
    else if (input.dataset.touched) { input.value = input.dataset.kept; delete input.dataset.touched; }
    shut(input);
  });

  on("click", "[data-up]", (_, button) => { const row = button.closest("li"); row.previousElementSibling?.before(row); button.focus(); });

  // Sections that depend on other fields: the server decides; this only saves the wait
  const answer = (form, path) => {
    const values = new FormData(form).getAll(path).filter((value) => value !== "");
    return values.length > 1 ? values : values[0] ?? null;
  };
  const many = (value) => value === null ? [] : [].concat(value).map(String);
  const among = (value, x) => many(value).some((one) => many(x).includes(one));
  const QUESTIONS = {                                   // as in runtime/kinds/operator.py, where a form can answer
    is: among, is_not: (value, x) => !among(value, x), one_of: among, none_of: (value, x) => !among(value, x),
    includes_any: among, includes_none: (value, x) => !among(value, x), includes_all: (value, x) => many(x).every((one) => many(value).includes(one)),
    empty: (value) => value === null, not_empty: (value) => value !== null,
    is_true: (value) => many(value).includes("true"), is_false: (value) => !many(value).includes("true"),
    contains: (value, x) => many(value).some((one) => fold(one).includes(fold(String(x)))),
  };
  const holds = (form, rule) => {                       // undefined = only the server can tell
    if (rule.all || rule.any) {
      const all = (rule.all || rule.any).map((part) => holds(form, part));
      return all.includes(undefined) ? undefined : rule.all ? all.every(Boolean) : all.some(Boolean);
    }
    if (rule.not) { const inner = holds(form, rule.not); return inner === undefined ? inner : !inner; }
    const question = QUESTIONS[rule.operator];
    if (!question || !form.elements.namedItem(rule.field)) return undefined;
    return question(answer(form, rule.field), rule.operand);
  };
  const depend = (form) => $$("[data-show-if]", form).forEach((part) => {
    const shown = holds(form, JSON.parse(part.dataset.showIf));
    if (shown !== undefined) part.hidden = !shown || "off" in part.dataset;
  });

  // Nothing typed is lost: kept per page in this tab until it is saved
  const draft = (form) => `draft:${form.getAttribute("action")}`;
  const label = (input) => input.dataset.kept ?? input.value;
  const keep = (form) => {
    const typed = {};
    $$("input, select, textarea", form).forEach((field) => {
      if (!field.name || /^(password|file)$/.test(field.type) || (field.type === "hidden" && !field.closest(".b-lookup") && !("carried" in field.dataset))) return;
      const now = /^(checkbox|radio)$/.test(field.type) ? field.checked : field.value;
      const was = /^(checkbox|radio)$/.test(field.type) ? field.defaultChecked : field.tagName === "SELECT" ? ($("option[selected]", field) || field.options[0])?.value : field.dataset.was ?? field.defaultValue;
      if (now !== was) typed[`${field.name}=${/^(checkbox|radio)$/.test(field.type) ? field.value : ""}`] = [now, field.closest(".b-lookup") ? label($("[data-lookup]", field.closest(".b-lookup"))) : field.dataset.carried || ""];
    });
    form.dataset.dirty = "1";
    sessionStorage.setItem(draft(form), JSON.stringify({ version: form.elements.version?.value, typed }));
  };
  const bring = (form) => {
    const kept = JSON.parse(sessionStorage.getItem(draft(form)) || "null");
    if (!kept || form.dataset.brought || !Object.keys(kept.typed).length) return;
    form.dataset.brought = form.dataset.dirty = "1";
    if (kept.version && form.elements.version) form.elements.version.value = kept.version;      // an older version leads to the choice per field
    $$("input, select, textarea", form).forEach((field) => {
      const box = /^(checkbox|radio)$/.test(field.type), entry = field.name && kept.typed[`${field.name}=${box ? field.value : ""}`];
      if (!entry) return;
      box ? field.checked = entry[0] : field.value = entry[0];
      if (field.closest(".b-lookup")) $("[data-lookup]", field.closest(".b-lookup")).value = entry[1];
    });
    said("restored", "");
  };
  const forget = (form) => { delete form.dataset.dirty; sessionStorage.removeItem(draft(form)); };
  on("input", "form[data-guard]", (_, form) => { depend(form); keep(form); });
  on("change", "form", (_, form) => depend(form));
  on("click", "[data-drop-draft]", () => $$("form[data-guard]").forEach(forget));
  document.addEventListener("record-saved", () => $$("form[data-guard]").forEach(forget));
  document.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr, elt } }) => { if (xhr.status < 400 && elt.matches("form[data-guard]")) forget(elt); });
  addEventListener("beforeunload", (event) => { if ($("form[data-dirty]:not([aria-busy])")) event.preventDefault(); });

  const ready = (block) => {
    $$(".b-listing", block).forEach(picked);
    $$("form", block).forEach(depend);
    $$("form[data-guard]", block).forEach((form) => { if (!$("[aria-invalid=true], [role=alert]", form)) bring(form); });
  };
  document.addEventListener("block-ready", ({ detail }) => ready(detail));
  ready(document);
  const wanted = new URLSearchParams(location.search).get("focus"), begin = matchMedia("(pointer: fine)").matches && document.activeElement === document.body;
  const place = wanted ? $(`form[data-guard] [name="${CSS.escape(wanted)}"]`) : begin ? $("form[data-guard][hx-post] .b-field :is(input, select, textarea)") : null;
  if (place?.closest("details")) place.closest("details").open = true;
  if (place) (place.type === "hidden" ? $("[data-lookup], input:not([type=hidden])", place.closest(".b-field")) : place)?.focus();
})();
