// The fields page: drag a type from the palette into the list, drag fields into another order, arrow keys on a grip, find.
"use strict";
(() => {
  const ready = () => {
    const list = document.getElementById("field_list");
    if (!list || !window.Sortable || window.Sortable.get(list)) return;
    window.Sortable.create(list, {
      handle: ".b-grip", animation: 120, group: { name: "fields", put: ["palette"] }, filter: "[data-gone]",
      onAdd: ({ item, newIndex }) => {
        const form = document.getElementById("palette"), next = list.children[newIndex + 1];
        form.elements.before.value = next ? next.dataset.id : "";
        const button = document.getElementById(item.dataset.add);
        item.remove();
        if (button) button.click();
      },
      onUpdate: () => {
        const form = document.getElementById("moves");
        form.elements.order.value = [...list.children].map((each) => each.dataset.id).join(" ");
        form.requestSubmit();
      },
    });
    for (const shelf of document.querySelectorAll("[data-palette]")) {
      window.Sortable.create(shelf, { group: { name: "palette", pull: "clone", put: false }, sort: false, animation: 120,
        onClone: ({ item, clone }) => { item.dataset.add = item.id; clone.id = item.id; } });
    }
  };
  // Each column scrolls by itself and stays where it was while the page is drawn again.
  let kept = {};
  const show = () => {
    if (matchMedia("(min-width: 64rem)").matches) document.querySelector("#field_list > [data-on]")?.scrollIntoView({ block: "nearest" });
  };
  const asked = () => document.getElementById("cut")?.scrollIntoView({ block: "nearest" });
  const columns = () => document.querySelectorAll("#work[data-panes] > .b-pane");
  document.addEventListener("htmx:beforeRequest", () => {
    kept = { at: document.getElementById("field_settings")?.getAttribute("action"), tops: [...columns()].map((each) => each.scrollTop) };
  });
  document.addEventListener("htmx:afterSettle", () => {
    const told = document.querySelector("#field_settings [role=alert]");     // what it says first stands at the top
    const same = !told && kept.at && kept.at === document.getElementById("field_settings")?.getAttribute("action");
    columns().forEach((each, number) => { if (number < 2 || same) each.scrollTop = (kept.tops || [])[number] || 0; });
    show();
    asked();
    ready();
  });
  document.addEventListener("DOMContentLoaded", () => {
    show();
    ready();
  });
  document.addEventListener("keydown", (event) => {
    const grip = event.target instanceof Element && event.target.closest("[data-move]");
    if (!grip || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const button = document.querySelector(`[formaction="${grip.dataset.move}"][value="${event.key === "ArrowUp" ? "up" : "down"}"]`);
    if (button) button.click();
  });
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (!(box instanceof Element) || !box.matches("[data-find]")) return;
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
    const asked = plain(box.value);
    for (const row of document.querySelectorAll(`${box.dataset.find} [data-words]`)) row.hidden = !plain(row.dataset.words || "").includes(asked);
  });
})();
