// Runs in every page before anything of its own, and notes when what a person reads was painted.
//
// A frame looks at the words that can be seen and counts the drawings. Where they differ from the
// frame before, the time is taken after that frame was painted. `still` counts the frames since.

(() => {
  const seen = { heading: null, changed: 0, chosen: 0, still: 0 };
  window.benchmark = seen;
  let before = "";

  // What Streamlit is about to take away is there still, and no longer seen.
  function parts() {
    const found = [];
    for (const element of document.querySelectorAll(
      '[data-testid="stMain"] [data-testid="stElementContainer"]',
    )) {
      if (!element.checkVisibility()) continue;
      found.push(element);
      const host = element.querySelector('[data-testid="stBidiComponentIsolated"]');
      if (host?.shadowRoot) found.push(host.shadowRoot);
    }
    return found;
  }

  function signature() {
    return parts()
      .map((part) => part.textContent + part.querySelectorAll("svg").length)
      .join("\n");
  }

  seen.draws = (selector) => parts().some((part) => part.querySelector(selector));
  seen.running = () => {
    const app = document.querySelector('[data-testid="stApp"]');
    return !app || app.dataset.testScriptState !== "notRunning";
  };

  function frame() {
    const now = signature();
    const hasHeading = Boolean(document.querySelector("h1.cm-sentence"));
    if (now === before) {
      seen.still += 1;
    } else {
      before = now;
      seen.still = 0;
      // A task that is queued in a frame runs once the frame has been painted.
      setTimeout(() => {
        seen.changed = performance.now();
        if (hasHeading && seen.heading === null) seen.heading = seen.changed;
      }, 0);
    }
    requestAnimationFrame(frame);
  }

  for (const kind of ["pointerup", "keydown"]) {
    document.addEventListener(kind, (event) => { seen.chosen = event.timeStamp; }, true);
  }
  requestAnimationFrame(frame);
})();
