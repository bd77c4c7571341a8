// The tabs of a record (links that work alone): the keys and roles of a tab list. The headings of a form: those that stand there.
"use strict";
(() => {
  const { $, $$, on } = window.banyan;
  const ready = () => {
    $$("[data-tabs]").forEach((list) => {
      const panel = document.getElementById(list.dataset.tabs), now = $("[aria-current]", list);
      list.setAttribute("role", "tablist");
      $$("a", list).forEach((tab) => {
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-selected", tab === now);
        tab.tabIndex = tab === now || !now ? 0 : -1;
        if (tab === now) tab.setAttribute("aria-controls", panel.id);
      });
      panel.setAttribute("role", "tabpanel");
      if (!now) return;
      panel.setAttribute("aria-labelledby", now.id);
      const [all, one] = [list, now].map((box) => box.getBoundingClientRect());
      if (one.left < all.left || one.right > all.right) list.scrollLeft += one.left - all.left - (all.width - one.width) / 2;
    });
    $$(".b-part").forEach((part) => {                   // rules and conditions may take all that stands under a heading
      const [head, ...rest] = part.children, empty = !rest.some((one) => one.checkVisibility());
      head.hidden = empty;
      $$(`[data-jumps] a[href="#${part.id}"]`).forEach((link) => { link.hidden = empty; });
    });
  };
  on("keydown", "[data-tabs] [role=tab]", (event, tab) => {
    const all = $$("[role=tab]", tab.parentElement), at = all.indexOf(tab), back = document.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    const to = { ArrowLeft: 1, ArrowRight: 1 }[event.key] ? at + (event.key === back ? -1 : 1) : { Home: 0, End: all.length - 1 }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || (to === undefined && event.key !== " ")) return;
    event.preventDefault();
    event.key === " " ? tab.click() : all[(to + all.length) % all.length].focus();
  });
  on("input", "form", () => setTimeout(ready));
  on("change", "form", () => setTimeout(ready));
  document.addEventListener("block-ready", ready);
  ready();
  const part = document.getElementById(`part_${new URLSearchParams(location.search).get("_tab")}`);       // a form may be opened at a heading
  if (part) scrollTo(0, part.getBoundingClientRect().top + scrollY - 120);
})();
