// HTMX does the talking; this adds what HTML alone cannot: keys, focus, dialogs, toasts.
// It holds no words (they stand in data- attributes, translated) and sets no style or script.
"use strict";
(() => {
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const on = (type, selector, act) => document.addEventListener(type, (event) => {
    const at = event.target instanceof Element && event.target.closest(selector);
    if (at) act(event, at);
  });
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
  const token = () => { try { return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]; } catch { return ""; } };

  // Theme and density: at once here, kept by the server for the next page
  const set = (name, value) => {
    root.dataset[name] = value;
    localStorage.setItem(name, value);
    $$(`[data-set="${name}"]`).forEach((button) => button.setAttribute("aria-pressed", button.value === value));
    document.dispatchEvent(new Event("themechange"));
  };
  on("click", "[data-set]", (_, button) => set(button.dataset.set, button.value));
  on("click", "[data-theme-switch]", () => {
    const dark = root.dataset.bsTheme === "dark" || (root.dataset.bsTheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    const button = $(`[data-set="bsTheme"][value="${dark ? "light" : "dark"}"]`);
    button ? button.click() : set("bsTheme", dark ? "light" : "dark");
  });
  if (!$(".b-app") && localStorage.bsTheme) root.dataset.bsTheme = localStorage.bsTheme;
  if (/Mac|iP/.test(navigator.platform)) $$("[data-mod]").forEach((key) => { key.textContent = key.textContent.replace("Ctrl", "⌘"); });

  // Dialogs: what is swapped into #dialog opens; focus goes back to the opener by itself
  let back = null;
  const open = (dialog) => {
    const at = document.activeElement, menu = at.closest(".b-menu"), held = dialog.contains(at);
    if (!dialog.open) { back = menu ? $(`[popovertarget="${menu.id}"]`) : at; dialog.showModal(); }
    if (!held) $("[autofocus], select, input:not([type=hidden])", dialog)?.focus();
  };
  document.addEventListener("close", ({ target }) => { if (document.activeElement === document.body || target.contains(document.activeElement)) back?.focus(); }, true);
  on("click", "[data-open]", (_, button) => { $(".b-side:popover-open")?.hidePopover(); $("#me:popover-open")?.hidePopover(); open($(`#${button.dataset.open}`)); });
  on("click", "[data-close]", (event, button) => {
    const dialog = button.closest("dialog");
    if (dialog) { event.preventDefault(); dialog.close(); } else if (!button.href) history.back();
  });
  on("click", "dialog", (event, dialog) => { if (event.target === dialog) dialog.close(); });
  on("click", "[data-back]", (event) => { if (history.length > 1) { event.preventDefault(); history.back(); } });
  document.addEventListener("dialog-close", () => $("#dialog")?.close());
  on("click", "[data-reveal]", (_, button) => {
    const input = document.getElementById(button.dataset.reveal), shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", !shown);
  });

  // Toasts: HX-Trigger {"toast": {text, undo, kind}}
  const toast = ({ text, value, undo, kind, bad } = {}) => {
    const box = $("#toasts"), line = document.createElement("p");
    line.className = "b-toast";
    if (kind || bad) line.dataset.kind = kind || "bad";
    line.append(text || value || box.dataset.failed);
    if (undo) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = undo.label || box.dataset.undo;
      button.onclick = () => { line.remove(); window.htmx.ajax("POST", undo.href || undo, { swap: "none" }); };
      line.append(button);
    }
    box.replaceChildren(line);
    fade(line);
  };
  const fade = (line) => setTimeout(() => line.matches(":hover, :focus-within") ? fade(line) : line.remove(), 8000);
  document.addEventListener("toast", (event) => toast(event.detail));
  document.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr } }) => { // said on the page it leads to
    const words = xhr.getResponseHeader("HX-Trigger") || "";
    if (xhr.getResponseHeader("HX-Redirect") && words.startsWith("{")) sessionStorage.setItem("toast", JSON.stringify(JSON.parse(words).toast || null));
  });
  const kept = JSON.parse(sessionStorage.getItem("toast") || "null");
  sessionStorage.removeItem("toast");
  if (kept) toast(kept);
  $$("#toasts .b-toast").forEach(fade);
  const selfSaid = (xhr) => /"toast"/.test(xhr.getResponseHeader("HX-Trigger"));
  const said = (name, kind = "bad") => toast({ text: $("#toasts").dataset[name], kind });
  document.addEventListener("htmx:sendError", () => said("offline"));
  document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    if (xhr.status === 401) return location.reload();
    if (!selfSaid(xhr)) said({ 403: "refused", 404: "gone" }[xhr.status] || "failed");
  });

  // The command palette and other lists of options: arrows choose, Enter opens
  const options = (list) => $$(".b-opt", list).filter((option) => option.offsetParent);
  const choose = (input, list, option) => {
    $$(".b-opt[aria-selected=true]", list).forEach((old) => old.setAttribute("aria-selected", "false"));
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.id ||= `o${Math.random().toString(36).slice(2)}`;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const arrows = (event, input, list) => {
    const all = options(list), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !all.length) return;
    event.preventDefault();
    const now = all.findIndex((option) => option.ariaSelected === "true");
    choose(input, list, all[(now + step + all.length) % all.length]);
  };
  const palette = () => {
    const input = $("#cmd_q"), list = $("#cmd_all"), words = fold(input.value.trim());
    $$("#cmd_go .b-opt").forEach((option) => { option.hidden = !fold(option.textContent).includes(words); });
    $("#cmd_go").hidden = !$("#cmd_go .b-opt:not([hidden])");
    const all = options(list), says = $("#cmd_said");
    says.textContent = all.length ? says.dataset.some.replace("{n}", all.length) : says.dataset.none;
    choose(input, list, all[0]);
  };
  if ($("#cmd")) {
    $("#cmd_go").append(...$$(".b-nav a").map((link) => {
      const option = document.createElement("a"), name = document.createElement("span"), icon = $(".icon", link);
      option.className = "b-opt";
      option.href = link.href;
      option.setAttribute("role", "option");
      name.textContent = [...link.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
      option.append(...(icon ? [icon.cloneNode(true)] : []), name);
      return option;
    }));
    new MutationObserver(palette).observe($("#cmd"), { attributeFilter: ["open"] });
    $("#cmd_q").addEventListener("input", (event) => { if (!event.target.value.trim()) $("#cmd_list").replaceChildren(); palette(); });
    $("#cmd_q").addEventListener("keydown", (event) => {
      arrows(event, event.target, $("#cmd_all"));
      if (event.key === "Escape") $("#cmd").close(); // a search field would only empty itself
      const chosen = $("#cmd_all .b-opt[aria-selected=true]");
      if (event.key !== "Enter" || !chosen || event.isComposing) return;
      event.preventDefault();
      event.ctrlKey || event.metaKey ? window.open(chosen.href, "_blank", "noopener") : location.assign(chosen.href);
    });
  }

  // Keys
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase(), mod = event.ctrlKey || event.metaKey;
    if (mod && key === "k" && $("#cmd")) { event.preventDefault(); return open($("#cmd")); }
    if (mod && key === "s" && $("[data-save]")) { event.preventDefault(); return $("[data-save]").click(); }
    if (mod || event.altKey || event.target.closest("input, textarea, select, dialog[open], [contenteditable], :popover-open")) return;
    const at = { "/": "cmd", "?": "keys" }[event.key], place = !at && /^[a-z]$/.test(key) && $(`[data-key="${key}"]`);
    if (at && $(`#${at}`)) { event.preventDefault(); open($(`#${at}`)); }
    if (place) { event.preventDefault(); place.matches("input") ? place.select() : place.click(); }
  });

  // Forms: the token of plain posts, one submit at a time
  const busy = (form, yes) => {
    if (!form.matches("form")) return;
    yes ? form.setAttribute("aria-busy", "true") : form.removeAttribute("aria-busy");
    $$(`button:not([type=button])`, form).concat(form.id ? $$(`[form="${form.id}"]`) : []).forEach((button) => { button.disabled = yes; });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target, talks = form.matches("[hx-get], [hx-post], [hx-put], [hx-delete]") && window.htmx;
    if (form.getAttribute("aria-busy")) return event.preventDefault();
    if (talks || event.defaultPrevented) return;
    if (form.method === "post" && !form.elements.csrf_token) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "csrf_token", value: token() }));
    if (form.method === "post" && !event.submitter?.matches("[data-stay]")) setTimeout(busy, 0, form, true);
  });
  addEventListener("pageshow", () => $$("form[aria-busy]").forEach((form) => busy(form, false)));
  const texts = (block) => $$("input[id], textarea[id]", block);
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt, target, xhr } }) => {
    target.setAttribute("aria-busy", "true");
    xhr.sent = new Map(texts(target).map(({ id, value }) => [id, value]));
    if (elt.matches("form") && !elt.matches("[role=search]")) busy(elt, true);
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig: { elt }, target, successful } }) => {
    target.removeAttribute("aria-busy");
    busy(elt, false);
    if (successful && elt.matches("[data-closes]")) $("#dialog")?.close();
  });

  // After a swap: open what is a dialog, keep what was typed meanwhile, focus where reading goes on
  let typed = [];
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target, xhr, requestConfig: { elt } } = detail, late = target.open === false && (target.contains(elt) || !elt.isConnected);
    if (late || (xhr.status >= 400 && selfSaid(xhr))) detail.shouldSwap = false;
    typed = texts(target).filter(({ id, value }) => xhr.sent.has(id) && xhr.sent.get(id) !== value);
  });
  window.banyan = { $, $$, on, fold, options, choose, arrows, said }; // shared
  const ready = (block) => {
    const now = $(".b-path > [data-state=now]", block), path = now?.parentElement;
    if (path) path.scrollLeft = now.offsetLeft - path.offsetLeft - (path.clientWidth - now.offsetWidth) / 2;
    document.dispatchEvent(new CustomEvent("block-ready", { detail: block }));
  };
  document.addEventListener("htmx:afterSwap", () => typed.splice(0).forEach(({ id, value }) => {
    const now = document.getElementById(id);
    if (now && now.value !== value) { now.value = value; now.dispatchEvent(new Event("input", { bubbles: true })); }
  }));
  document.addEventListener("htmx:afterSettle", ({ detail: { target, elt, xhr } }) => {
    const block = target?.isConnected ? target : elt;
    ready(block);
    if (block.id === "dialog" && block.childElementCount) return open(block);
    if (block.id === "cmd_list") return palette();
    const wrong = (block === target || xhr?.status === 422) && $("[role=alert][tabindex], [aria-invalid=true]", block);
    if (wrong) wrong.focus();
    else if (document.activeElement === document.body && block.matches("#list, #record, #main")) {
      const head = $("h1, h2", block) || block;
      head.tabIndex = -1;
      head.focus({ preventScroll: true });
    }
  });
  ($("[role=alert][tabindex]") || $("[aria-invalid=true]"))?.focus();
  ready(document);

  // Menus where the browser cannot anchor them itself
  if (!CSS.supports("position-area: block-end")) {
    on("click", "[popovertarget]", (_, button) => {
      const menu = document.getElementById(button.getAttribute("popovertarget")), at = button.getBoundingClientRect();
      if (!menu.matches(".b-menu") || innerWidth <= 640) return;
      Object.assign(menu.style, { position: "fixed", inset: "auto", left: `${Math.min(at.left, innerWidth - 220)}px`, ...(at.bottom > innerHeight - 240 ? { bottom: `${innerHeight - at.top + 4}px` } : { top: `${at.bottom + 4}px` }) });
    });
  }
})();
