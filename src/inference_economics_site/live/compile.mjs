// Compiles the Python in archives with the Pyodide of their folder, which Node runs too:
// node compile.mjs FOLDER COMPILED.PY '{"ARCHIVE": {"keep_sources": true}, ...}'

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, script, archives] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: `${resolve(folder)}/` });
python.mountNodeFS("/archives", resolve(folder));
python.runPython(readFileSync(script, "utf8"));
const compile = python.globals.get("compile_archive");
const path = python.globals.get("Path");
for (const [name, how] of Object.entries(JSON.parse(archives))) {
  compile.callKwargs(path(`/archives/${name}`), how);
}
