// Python takes as long to start as JupyterLab, which asks for it late: so it starts beside
// JupyterLab, in a worker that the kernel then gets in place of a new one.
{
  const Native = window.Worker;
  const early = new Native(new URL("early.worker.js", document.currentScript.src), { type: "module" });
  let free = true;
  early.addEventListener("error", () => { free = false; });
  window.Worker = function (address, options) {
    if (!free || !/\/comlink\.worker\./.test(address)) return new Native(address, options);
    free = false;
    early.postMessage({ kernel: String(address) });
    return early;
  };
  window.Worker.prototype = Native.prototype;
}
