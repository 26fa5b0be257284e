// Pyodide for the kernel, begun by `early.worker.js` before the kernel asks for it.
import { loadPyodide as load } from "./pyodide.mjs";

const KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel";
// What every first answer imports, so that it need not wait for that either.
const FIRST = "import IPython.core.interactiveshell, inference_economics_notebook.book";
let started;

const begin = async () => {
  const answer = await fetch(new URL("../jupyter-lite.json", import.meta.url));
  const settings = (await answer.json())["jupyter-config-data"].litePluginSettings[KERNEL];
  const indexURL = new URL(".", import.meta.url).href;
  const python = await load({ indexURL, ...settings.loadPyodideOptions });
  await python.runPythonAsync(FIRST);
  return python;
};

export const start = () => {
  started = begin().catch(() => undefined);
};

export const loadPyodide = async ({ stdout, stderr, ...options }) => {
  const python = await started;
  if (!python) return load({ stdout, stderr, ...options });
  python.setStdout({ batched: stdout });
  python.setStderr({ batched: stderr });
  return python;
};
