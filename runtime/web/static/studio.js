// The studio's keys: take back and do again. Canvases bring files of their own.
"use strict";
(() => {
  const typing = (at) => at instanceof Element && at.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || typing(event.target)) return;
    const key = event.key.toLowerCase();
    const wanted = key === "y" || (key === "z" && event.shiftKey) ? "[data-redo]" : key === "z" ? "[data-undo]" : "";
    const button = wanted && document.querySelector(wanted);
    if (button && !button.disabled) { event.preventDefault(); button.click(); }
  });
})();
