// Review and packages: the button is shut until everything is ticked; one box ticks all above it. Without scripts the server says what is left.
"use strict";
(() => {
  const look = () => {
    const button = document.querySelector("[data-needs-ticks]");
    if (button) button.disabled = [...document.querySelectorAll("[data-needed]")].some((box) => !box.checked);
  };
  const needed = () => [...document.querySelectorAll("[data-needed]")];
  document.addEventListener("change", (event) => {
    const all = document.querySelector("[data-agree-all]");
    if (event.target.matches("[data-agree-all]")) needed().forEach((box) => { box.checked = event.target.checked; });
    else if (all && event.target.matches("[data-needed]")) all.checked = needed().every((box) => box.checked);
    look();
  });
  document.addEventListener("htmx:afterSettle", look);
  look();
})();
