// Review: the button is shut until every hazard is ticked. Without scripts the server says which one is left.
"use strict";
(() => {
  const look = () => {
    const button = document.querySelector("[data-needs-ticks]");
    if (button) button.disabled = [...document.querySelectorAll("[data-needed]")].some((box) => !box.checked);
  };
  document.addEventListener("change", look);
  document.addEventListener("htmx:afterSettle", look);
  look();
})();
