// Python that cannot start says nothing: a cell waits for ever. So the files that it starts from are
// compared, once the page is at rest, with what was published, and what is damaged is named.

const PATIENCE = 45_000;  // milliseconds: on most machines Python has started by then

const sum = async (bytes) => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

const isSound = async (address, expected) => {
  try {
    const answer = await fetch(address);
    const bytes = await answer.arrayBuffer();
    // Sums are to be had on secure pages only.
    return answer.ok && (!window.crypto?.subtle || (await sum(bytes)) === expected);
  } catch {
    return false;
  }
};

export const check = async () => {
  const list = new URL("pyodide/files.json", import.meta.url);
  const files = await fetch(list).then((answer) => answer.json()).catch(() => ({ "files.json": "" }));
  for (const [name, expected] of Object.entries(files)) {
    if (await isSound(new URL(name, list), expected)) continue;
    const note = Object.assign(document.createElement("p"), {
      role: "alert",
      style: "position: fixed; inset: 0 0 auto; z-index: 1000; margin: 0; padding: 0.8rem 1rem; background: #a83510; color: #fff; font: 1rem/1.4 system-ui, sans-serif",
      textContent: `Python cannot start here: the file ${name} is damaged or missing. Load the page again; if that does not help, tell whoever publishes it. The chapters can be read as before.`,
    });
    document.body.append(note);
    return;
  }
};

setTimeout(check, PATIENCE);
