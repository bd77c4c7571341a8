// The layout canvas: fields, sections and lists are dragged, or moved by the arrow keys on their grips; the server moves them.
"use strict";
(() => {
  const put = (move) => {
    const form = document.getElementById("layout_moves");
    form.elements.moved.value = move;
    form.requestSubmit();
  };
  // Where a field is let go over another section without touching one of its fields (a gap, its heading), that section is meant.
  const dropped = ({ to, from, newDraggableIndex, originalEvent }) => {
    const { clientX: x, clientY: y } = originalEvent.changedTouches?.[0] ?? originalEvent;
    const under = to === from && document.elementFromPoint(x, y)?.closest("[data-slots], [data-section]");
    const list = under && (under.matches("[data-slots]") ? under : under.querySelector("[data-slots]"));
    if (!list || list === from) return [to, newDraggableIndex];
    const before = ({ top, right, bottom }) => bottom < y || (top <= y && right < x);
    return [list, [...list.querySelectorAll("[data-field]")].filter((one) => before(one.getBoundingClientRect())).length];
  };
  const ready = () => {
    if (!window.Sortable) return;
    const each = (selector, options) => {
      for (const list of document.querySelectorAll(selector)) if (!window.Sortable.get(list)) window.Sortable.create(list, { animation: 120, ...options });
    };
    each("[data-slots]", { group: "slots", draggable: "[data-field]", filter: ".b-menu, [popovertarget]", preventOnFilter: false, forceFallback: true, fallbackTolerance: 4, onEnd: (event) => {
      const { item, from, oldDraggableIndex } = event;
      const [to, place] = dropped(event);
      if (to === from && (place === oldDraggableIndex || to.dataset.slots === "off")) return;
      put(`field ${item.dataset.field} ${to.dataset.slots === "off" ? "off" : `@${to.dataset.slots} ${place}`}`);
    } });
    each("[data-sections]", { draggable: "[data-section]", handle: "header > .b-grip", onUpdate: ({ item, newDraggableIndex }) => put(`section ${item.dataset.section} ${newDraggableIndex}`) });
    each("[data-lists]", { draggable: "[data-list]", handle: "header > .b-grip", onUpdate: ({ item, newDraggableIndex }) => put(`related ${item.dataset.list} ${newDraggableIndex}`) });
  };
  document.addEventListener("keydown", (event) => {
    const grip = event.target instanceof Element && event.target.closest("[data-step]");
    const way = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", Delete: "off" }[event.key];
    if (!grip || !way || event.altKey || event.ctrlKey || event.metaKey) return;
    const field = grip.dataset.step.startsWith("field ");
    if (!field && way !== "up" && way !== "down") return;
    event.preventDefault();
    put(`${grip.dataset.step} ${way}`);
  });
  // Each column stays where it was while the page is drawn again.
  let tops = [];
  const columns = () => document.querySelectorAll("#layout_moves > .b-pane, #layout_look");
  document.addEventListener("htmx:beforeRequest", () => { tops = [...columns()].map((one) => one.scrollTop); });
  document.addEventListener("htmx:afterSettle", () => { columns().forEach((one, number) => { one.scrollTop = tops[number] || 0; }); ready(); });
  document.addEventListener("DOMContentLoaded", ready);
})();
