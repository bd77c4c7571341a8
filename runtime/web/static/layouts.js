// The layout canvas: fields, buttons, sections, lists and tabs are dragged, or moved by the arrow keys on their grips; the server moves them.
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
  const under = (event) => {
    const at = event?.changedTouches?.[0] || event;
    return at && document.elementFromPoint(at.clientX, at.clientY)?.closest("[data-tab]");
  };
  const mark = (tab) => document.querySelectorAll("[data-tab]").forEach((one) => one.toggleAttribute("data-over", one === tab));
  document.addEventListener("pointermove", (event) => { if (window.Sortable?.dragged?.matches("[data-section], [data-list], [data-field]")) mark(under(event)); });
  const ready = () => {
    const now = document.querySelector("[data-tabstrip] > [data-on]"), strip = now?.parentElement;
    if (now) strip.scrollLeft += now.getBoundingClientRect().left - strip.getBoundingClientRect().left - (strip.clientWidth - now.offsetWidth) / 2;
    if (!window.Sortable) return;
    const each = (selector, options) => {
      for (const list of document.querySelectorAll(selector)) if (!window.Sortable.get(list)) window.Sortable.create(list, { animation: 120, ...options });
    };
    each("[data-slots]", { group: "slots", draggable: "[data-field]", filter: ".b-menu, [popovertarget]", preventOnFilter: false, forceFallback: true, fallbackTolerance: 4, onEnd: (event) => {
      const { item, from, oldDraggableIndex, originalEvent } = event, tab = under(originalEvent);
      mark(null);
      if (tab) { if (!("on" in tab.dataset) || from.dataset.slots === "off") put(`field ${item.dataset.field} tab ${tab.dataset.tab}`); return; }
      const [to, place] = dropped(event);
      if (to === from && (place === oldDraggableIndex || to.dataset.slots === "off")) return;
      put(`field ${item.dataset.field} ${to.dataset.slots === "off" ? "off" : `@${to.dataset.slots} ${place}`}`);
    } });
    each("[data-bar]", { group: "bar", draggable: "[data-button]", filter: ".b-menu, [popovertarget]", preventOnFilter: false, forceFallback: true, fallbackTolerance: 4, onEnd: ({ item, from, to, newDraggableIndex, oldDraggableIndex }) => {
      if (to === from && (newDraggableIndex === oldDraggableIndex || to.dataset.bar === "off")) return;
      put(`button ${item.dataset.button} ${to.dataset.bar === "off" ? "off" : `@ ${newDraggableIndex}`}`);
    } });
    each("[data-tabstrip]", { draggable: "[data-tab]", handle: ".b-grip", forceFallback: true, fallbackTolerance: 4, onUpdate: ({ item, newDraggableIndex }) => put(`tab ${item.dataset.tab} ${newDraggableIndex}`) });
    // A section or a list that is let go over a tab goes onto it, like a field; elsewhere, to its new place
    const block = (what) => ({ handle: "header > .b-grip", forceFallback: true, fallbackTolerance: 4, onEnd: ({ item, originalEvent, newDraggableIndex, oldDraggableIndex }) => {
      const tab = under(originalEvent), name = `${what} ${item.dataset[what === "section" ? "section" : "list"]}`;
      mark(null);
      if (tab) { if (!("on" in tab.dataset) || item.dataset.beside) put(`${name} tab ${tab.dataset.tab}`); }
      else if (newDraggableIndex !== oldDraggableIndex) put(`${name} ${newDraggableIndex}`);
    } });
    each("[data-sections]", { draggable: "[data-section]", ...block("section") });
    each("[data-lists]", { draggable: "[data-list]", ...block("related") });
  };
  document.addEventListener("keydown", (event) => {
    const grip = event.target instanceof Element && event.target.closest("[data-step]");
    const way = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", Delete: "off" }[event.key];
    if (!grip || !way || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!/^(field|button|tab) /.test(grip.dataset.step) && way !== "up" && way !== "down") return;
    if (way === "off" && !/^(field|button) /.test(grip.dataset.step)) return;
    event.preventDefault();
    put(`${grip.dataset.step} ${way}`);
  });
  // What was put somewhere else keeps the focus where it stands now: on the layout, or among what is not on it.
  let moved = "";
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "layout_moves") return;
    const [what, name, to] = (event.submitter?.value || event.target.elements.moved.value).split(" ");
    const on = { field: "slot_", button: "bar_" }[what], off = { field: "add_", button: "add_bar_" }[what];
    moved = on ? (to === "off" ? off : on) + name : "";
  });
  // Each column stays where it was while the page is drawn again.
  let tops = [];
  const columns = () => document.querySelectorAll("#layout_moves > .b-pane, #layout_look");
  document.addEventListener("htmx:beforeRequest", () => { tops = [...columns()].map((one) => one.scrollTop); });
  document.addEventListener("htmx:afterSettle", () => { columns().forEach((one, number) => { one.scrollTop = tops[number] || 0; }); ready(); if (moved && document.activeElement === document.body) document.getElementById(moved)?.focus({ preventScroll: true }); moved = ""; });
  document.addEventListener("DOMContentLoaded", ready);
})();
