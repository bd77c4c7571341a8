// From record to record in the order of the list one was opened from (loaded after app.js by lists, records and forms).
"use strict";
(() => {
  const { $, $$, on } = window.banyan;

  // A list notes its order and its address when one of its records is opened
  on("click", ".b-grid tbody a, .b-rows a", (_, link) => {
    const hrefs = $$("tbody [data-cell=title] a", link.closest("table") || document.createElement("p")).map((one) => one.pathname);
    if (hrefs.includes(link.pathname)) sessionStorage.setItem("walk", JSON.stringify({ list: location.pathname + location.search, hrefs }));
  });

  // A record shows its neighbours; the way back leads to the list as it was
  const walk = () => {
    const bar = $("#record_walk"), { list, hrefs = [] } = JSON.parse(sessionStorage.getItem("walk") || "{}"), at = hrefs.indexOf(location.pathname);
    if (!bar || at < 0) return;
    const [says, previous, next] = bar.children;
    $(".b-crumb [data-list]").href = list;
    if (hrefs.length < 2) return;
    says.textContent = says.dataset.say.replace("{n}", at + 1).replace("{all}", hrefs.length);
    [[previous, hrefs[at - 1]], [next, hrefs[at + 1]]].forEach(([link, href]) => { href ? link.href = href : link.setAttribute("aria-disabled", "true"); link.classList.toggle("disabled", !href); });
    bar.hidden = false;
  };
  const named = () => {                                // what was swapped in has a name of its own
    const head = $(".b-rec-id h1"), list = $(".b-crumb [data-list]");
    if (head) document.title = [head.textContent, list.textContent, document.title.split(" · ").pop()].join(" · ");
  };
  document.addEventListener("block-ready", () => { named(); walk(); });
  walk();
})();
