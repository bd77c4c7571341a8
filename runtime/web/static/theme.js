// The theme's page: the preview follows each colour while it is chosen; what is kept and how well it is read says the server.
"use strict";
(() => {
  const panels = (mode) => document.querySelectorAll(mode ? `.b-look[data-bs-theme="${mode}"]` : ".b-look");
  const put = (mode, token, value) => { for (const panel of panels(mode)) panel.style.setProperty(`--b-${token}`, value); };
  document.addEventListener("input", ({ target }) => {
    if (!(target instanceof Element) || !target.closest(".b-theme")) return;
    if (target.dataset.copy) { document.getElementById(target.dataset.copy).value = target.value; return; }
    const [mode, token] = (target.name || "").split(".");
    if (target.type === "color" && token) put(mode, token, target.value);
    if (target.matches("select")) {
      for (const option of target.options) for (const name of Object.keys(JSON.parse(option.dataset.tokens || "{}"))) for (const panel of panels("")) panel.style.removeProperty(`--b-${name}`);
      for (const [name, value] of Object.entries(JSON.parse(target.selectedOptions[0].dataset.tokens || "{}"))) put("", name, value);
    }
  });
})();
