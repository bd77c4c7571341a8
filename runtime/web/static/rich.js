// Rich text: a small editor over each textarea[data-rich]; the textarea stays what is sent. Loaded by forms.
// The server cleans what arrives; what is drawn here is cleaned the same way first.
"use strict";
(() => {
  const KEPT = /^(P|BR|STRONG|B|EM|I|U|S|A|UL|OL|LI|H3|H4|BLOCKQUOTE|CODE|PRE|HR)$/;
  const clean = (html) => {
    const body = new DOMParser().parseFromString(html, "text/html").body;
    [...body.querySelectorAll("*")].reverse().forEach((element) => {
      const link = element.tagName === "A" && /^(https?:|mailto:)/i.test(element.getAttribute("href") || "") ? element.getAttribute("href") : null;
      if (/^(SCRIPT|STYLE|IFRAME|OBJECT|TEMPLATE|SVG|MATH)$/i.test(element.tagName)) return element.remove();
      if (!KEPT.test(element.tagName)) return element.replaceWith(...element.childNodes);
      [...element.attributes].forEach((attribute) => element.removeAttribute(attribute.name));
      if (link) element.href = link;
    });
    return [...body.childNodes];
  };

  const COMMANDS = { h3: ["formatBlock", "h3"], quote: ["formatBlock", "blockquote"] };          // the rest are their own names
  const dress = (area) => {
    const frame = area.closest(".b-rich"), bar = frame?.querySelector("[role=toolbar]"), label = document.querySelector(`label[for="${area.id}"]`);
    if (!bar || !bar.hidden) return;
    const page = document.createElement("div");
    page.className = "form-control b-prose";
    page.contentEditable = "true";
    page.setAttribute("role", "textbox");
    page.setAttribute("aria-multiline", "true");
    page.setAttribute("aria-label", label ? label.textContent.trim() : area.name);
    for (const name of ["aria-invalid", "aria-describedby", "aria-required"]) if (area.hasAttribute(name)) page.setAttribute(name, area.getAttribute(name));
    page.append(...clean(area.value));
    area.after(page);
    area.hidden = true;
    bar.hidden = false;
    label?.addEventListener("click", () => page.focus());
    document.execCommand("defaultParagraphSeparator", false, "p");
    document.execCommand("styleWithCSS", false, false);
    const buttons = [...bar.querySelectorAll("[data-mark]")], named = (button) => COMMANDS[button.dataset.mark] || [button.dataset.mark];
    const state = () => buttons.forEach((button) => {
      const [command, value] = named(button);
      if (/createLink|removeFormat/.test(command)) return;
      button.setAttribute("aria-pressed", value ? document.queryCommandValue(command).toLowerCase() === value : document.queryCommandState(command));
    });
    const sync = () => {
      area.value = page.textContent.trim() ? page.innerHTML : "";
      area.dispatchEvent(new Event("input", { bubbles: true }));
      state();
    };
    bar.addEventListener("mousedown", (event) => event.preventDefault());                 // the selection stays where it is
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-mark]");
      if (!button) return;
      page.focus();
      let [command, value] = named(button);
      if (command === "createLink") {
        value = window.prompt(button.dataset.ask, "https://");
        if (!value || !/^(https?:\/\/|mailto:)/i.test(value)) return;
      } else if (value && button.getAttribute("aria-pressed") === "true") value = "p";
      document.execCommand(command, false, value);
      sync();
    });
    page.addEventListener("input", sync);
    page.addEventListener("keyup", state);
    page.addEventListener("mouseup", state);
    page.addEventListener("paste", (event) => {
      event.preventDefault();
      const html = event.clipboardData.getData("text/html"), holder = document.createElement("div");
      holder.append(...clean(html));
      html ? document.execCommand("insertHTML", false, holder.innerHTML) : document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
    });
  };
  const all = (block) => block.querySelectorAll("textarea[data-rich]").forEach(dress);
  document.addEventListener("block-ready", ({ detail }) => all(detail));
  all(document);
})();
