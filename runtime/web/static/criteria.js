// Expressions: fields and functions are offered while one types, and put in with a click from their list.
"use strict";
(() => {
  const known = new Map();
  const words = (box) => {
    const url = box.dataset.expression;
    if (!known.has(url)) {
      known.set(url, fetch(url, { headers: { "HX-Request": "true" } }).then((answer) => answer.ok ? answer.text() : "").then((text) => {
        const page = new DOMParser().parseFromString(text, "text/html");
        return [...page.querySelectorAll("[data-word]")].map((one) => ({ word: one.dataset.word, label: one.title || "" }));
      }));
    }
    return known.get(url);
  };
  const begun = (box) => box.value.slice(0, box.selectionStart).match(/[A-Za-z_][\w.]*$/)?.[0] || "";
  const list = (box) => {
    let found = box.parentElement.querySelector(":scope > .b-complete");
    if (!found) {
      found = document.createElement("div");
      Object.assign(found, { className: "b-complete", id: `${box.id}_list`, hidden: true });
      found.setAttribute("role", "listbox");
      found.setAttribute("aria-label", box.getAttribute("aria-label") || "");
      box.after(found);
      box.setAttribute("aria-controls", found.id);
      box.setAttribute("aria-autocomplete", "list");
    }
    return found;
  };
  const put = (box, word, before) => {
    const at = box.selectionStart, whole = word.replace(/\(.*$/, "(");
    box.setRangeText(whole, at - before.length, box.selectionEnd, "end");
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const shut = (box) => { const shown = list(box); shown.hidden = true; shown.replaceChildren(); box.removeAttribute("aria-activedescendant"); };
  const offer = async (box) => {
    const before = begun(box), small = before.toLowerCase();
    if (!before) return shut(box);
    const fit = (await words(box)).filter(({ word, label }) => word !== before && (word.toLowerCase().startsWith(small) || label.toLowerCase().startsWith(small))).slice(0, 8);
    if (begun(box) !== before) return;
    shut(box);
    fit.forEach(({ word, label }, number) => {
      const option = document.createElement("div");
      Object.assign(option, { className: "b-opt", id: `${box.id}_o${number}` });
      option.setAttribute("role", "option");
      option.dataset.take = word;
      option.append(Object.assign(document.createElement("code"), { textContent: word }), ` ${label}`);
      list(box).append(option);
    });
    list(box).hidden = !fit.length;
  };
  const choose = (box, step) => {
    const options = [...list(box).children], now = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const next = options[(now + step + options.length) % options.length];
    options.forEach((one) => one.setAttribute("aria-selected", one === next));
    box.setAttribute("aria-activedescendant", next.id);
  };
  const of = (event) => event.target instanceof Element && event.target.matches("[data-expression]") ? event.target : null;

  document.addEventListener("input", (event) => { const box = of(event); if (box) offer(box); });
  document.addEventListener("focusout", (event) => { const box = of(event); if (box) shut(box); });
  document.addEventListener("keydown", (event) => {
    const box = of(event);
    if (!box || list(box).hidden) return;
    const chosen = list(box).querySelector("[aria-selected=true]");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); choose(box, event.key === "ArrowDown" ? 1 : -1); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); shut(box); }
    else if (chosen && (event.key === "Enter" || event.key === "Tab")) { event.preventDefault(); put(box, chosen.dataset.take, begun(box)); shut(box); }
  }, true);
  document.addEventListener("mousedown", (event) => {
    const option = event.target instanceof Element && event.target.closest(".b-complete > [data-take]");
    if (!option) return;
    event.preventDefault();
    const box = option.parentElement.previousElementSibling;
    put(box, option.dataset.take, begun(box));
    shut(box);
  });
  document.addEventListener("click", (event) => {
    const word = event.target instanceof Element && event.target.closest("[data-word]");
    const box = word && word.closest(".b-words")?.parentElement.querySelector("[data-expression]");
    if (box) put(box, word.dataset.word, "");
  });
})();
