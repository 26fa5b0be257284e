// On the site: fetches an explorer's script when it comes near the window, keeps its state in
// the address, and goes back with the browser's own button. No kernel, no other host.

window.explorers = (() => {
  // What a notebook's widget keeps in Python is kept here.
  class PageModel {
    #values = {};
    #listeners = new Set();

    get(name) { return this.#values[name]; }

    set(name, value) {
      this.#values[name] = value;
      for (const listener of this.#listeners) listener();
    }

    save_changes() {}

    on(event, listener) { this.#listeners.add(listener); }

    off(event, listener) { this.#listeners.delete(listener); }

    // All of a state at once, so that listeners see no mixture of two.
    take({ preset, values, off }) {
      Object.assign(this.#values, values, { preset, off: [...off] });
      for (const listener of this.#listeners) listener();
    }
  }

  const here = document.currentScript.src;
  // In a frame: the link to the page that the explorer stands on, which opens what is shown.
  const whole = () => document.querySelector("[data-whole]");
  const asked = (id) => new URLSearchParams(location.search).get(id);
  const places = new Map();

  const add = (explorer) => {
    const { spec, render, encode, decode, presetState, stateOf } = explorer;
    const root = places.get(spec.id);
    const model = new PageModel();
    const asks = (state) => `?${spec.id}=${state}`;
    const addresses = {
      page: (state) => `${(whole() ?? location).href.replace(/[?#].*/, "")}${asks(state)}#explorer-${spec.id}`,
      frame: (state) => new URL(`${spec.id}.html${asks(state)}`, here).href,
    };
    const point = () => { if (whole()) whole().href = addresses.page(encode(stateOf(model))); };
    const own = () => {
      const { preset, values, off } = JSON.parse(root.dataset.state);
      const state = presetState(preset);
      return { preset, values: { ...state.values, ...values }, off: new Set(off) };
    };
    const fromAddress = () => {
      const text = asked(spec.id);
      const { state, notes } = text === null ? { state: own(), notes: [] } : decode(text, own);
      model.take(state);
      root.querySelector("[data-link]").textContent = notes.join(" ");
      point();
    };
    fromAddress();
    render({ model, el: root, addresses });
    root.addEventListener("explorer:commit", () => {
      const text = encode(stateOf(model));
      if (text === asked(spec.id)) return;
      root.querySelector("[data-link]").textContent = "";
      const others = location.search.slice(1).split("&").filter((part) => part && !part.startsWith(`${spec.id}=`));
      // The way back through a page with a frame does not lead through what was done in it.
      history[self === top ? "pushState" : "replaceState"](null, "", `?${[...others, `${spec.id}=${text}`].join("&")}${location.hash}`);
      point();
    });
    window.addEventListener("popstate", fromAddress);
    root.dispatchEvent(new CustomEvent("explorer:ready", { bubbles: true }));
  };

  const fetchScript = (root) => {
    const script = document.createElement("script");
    script.src = new URL(`${root.dataset.explorer}.js`, here);
    document.head.append(script);
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        fetchScript(target);
      }
    },
    { rootMargin: "400px" },
  );

  document.addEventListener("DOMContentLoaded", () => {
    for (const root of document.querySelectorAll("[data-explorer]")) {
      places.set(root.dataset.explorer, root);
      near.observe(root);
    }
  });

  return { add };
})();
