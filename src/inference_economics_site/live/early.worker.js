import { start } from "./pyodide/started.mjs";

// What the kernel is sent before its script is here is kept for it.
const kept = [];
const keep = (event) => {
  event.stopImmediatePropagation();
  if (!event.data?.kernel) return kept.push(event);
  import(event.data.kernel).then(() => {
    removeEventListener("message", keep);
    // An event that was stopped once reaches nobody any more: each is sent anew.
    for (const { data, ports } of kept) dispatchEvent(new MessageEvent("message", { data, ports }));
  });
};
addEventListener("message", keep);

start();
