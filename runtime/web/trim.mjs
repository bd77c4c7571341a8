// Trims Tabler to the parts named in tabler.txt: 590 kB become about 70 (12 compressed). Run by `make assets`, from the root.
import { readFileSync, writeFileSync } from "node:fs";
import { PurgeCSS } from "purgecss";

const kept = readFileSync("runtime/web/tabler.txt", "utf8").replace(/^#.*$/gm, "");
const [trimmed] = await new PurgeCSS().purge({
  content: [{ raw: kept, extension: "txt" }],
  css: [{ raw: readFileSync("node_modules/@tabler/core/dist/css/tabler.min.css", "utf8") }],
  safelist: { standard: [/^:/] },
  keyframes: true,
});
writeFileSync("runtime/web/static/vendor/tabler.css", trimmed.css);
