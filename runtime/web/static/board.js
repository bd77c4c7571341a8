// Boards: cards are dragged between lanes with SortableJS; the server says whether they may stay. "Move" on each card does the same.
"use strict";
(() => {
  const lanes = () => [...document.querySelectorAll("#board[data-board] .b-lane > ol")];
  const lane = (number) => document.getElementById(`lane_${number}`);

  // A card lies where the server says: first in that lane, unless it is there already
  const settle = (card) => {
    const at = lane(card.dataset.in);
    if (at && card.parentElement !== at) at.prepend(card);
  };
  const back = (card, from, before) => from.insertBefore(card, before && before.parentElement === from ? before : null);

  const move = (card, to, from, before) => {
    const sent = window.htmx.ajax("PUT", card.dataset.move, { source: card, target: card, swap: "outerHTML",
      values: { lane: to.dataset.lane, version: card.dataset.version, dragged: 1 } });
    sent?.catch?.(() => {});
    card.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
      if (!xhr || !xhr.status || (xhr.status >= 400 && xhr.status !== 409 && xhr.status !== 422)) back(card, from, before);
    }, { once: true });
  };

  const drag = () => lanes().forEach((list) => {
    if (window.Sortable.get(list)) return;
    window.Sortable.create(list, {
      group: "board", sort: false, draggable: ".b-deal", filter: ".b-move, .b-err a", preventOnFilter: false, forceFallback: true,
      fallbackOnBody: true, fallbackTolerance: 5, delay: 180, delayOnTouchOnly: true, animation: 0,
      onStart: ({ item }) => { item.nextAfter = item.nextElementSibling; },
      onMove: ({ to }) => { lanes().forEach((each) => each.closest(".b-lane").toggleAttribute("data-drop", each === to)); },
      onEnd: ({ item, from, to }) => {
        lanes().forEach((each) => each.closest(".b-lane").removeAttribute("data-drop"));
        item.removeAttribute("style");                  // htmx would copy it, and the policy on styles refuses that
        if (from !== to) move(item, to.closest(".b-lane"), from, item.nextAfter);
      },
    });
  });

  document.addEventListener("DOMContentLoaded", drag);
  document.addEventListener("htmx:load", ({ target }) => {
    if (target.matches(".b-deal")) {
      settle(target);
      if (document.activeElement === document.body) target.querySelector(".b-move")?.focus({ preventScroll: true });
    }
    if (window.Sortable) drag();
  });
})();
