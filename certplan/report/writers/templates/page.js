"use strict";
(() => {
  const filter = document.getElementById("filter");
  if (filter) {
    const findings = [...document.querySelectorAll(".finding")];
    const count = filter.querySelector("output");
    const apply = () => {
      const wanted = new FormData(filter);
      const weights = wanted.getAll("weight");
      const peer = wanted.get("peer");
      const group = wanted.get("group");
      let shown = 0;
      for (const finding of findings) {
        const peers = finding.dataset.peers.split(" ").filter(Boolean);
        const fits = weights.includes(finding.dataset.weight)
          && (!group || finding.dataset.group === group)
          && (!peer || (peer === "none" ? peers.length === 0 : peers.includes(peer)));
        finding.hidden = !fits;
        shown += fits ? 1 : 0;
      }
      count.textContent = `${shown} of ${findings.length} shown`;
    };
    filter.addEventListener("input", apply);
    filter.addEventListener("reset", () => setTimeout(apply));
    filter.addEventListener("submit", (event) => event.preventDefault());
    filter.hidden = false;
    apply();
  }

  const panel = document.getElementById("handshake");
  const tell = (event) => {
    const cell = event.target.closest("[data-handshake]");
    if (!cell) return;
    const steps = document.getElementById(cell.hash.slice(1));
    const texts = steps.parentElement.querySelector("summary").cloneNode(true);
    const title = document.createElement("p");
    title.append(...texts.childNodes);
    const body = steps.cloneNode(true);
    body.removeAttribute("id");
    panel.replaceChildren(title, body);
    panel.hidden = false;
  };
  if (panel) {
    document.addEventListener("mouseover", tell);
    document.addEventListener("focusin", tell);
  }

  // What a link leads to must not stay folded away or filtered out.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let around = target; around; around = around.parentElement) {
      if (around instanceof HTMLDetailsElement) around.open = true;
      if (around.matches(".finding[hidden]")) filter.reset();
    }
    setTimeout(() => target.scrollIntoView());
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  // A table that fits needs no stop for the keyboard.
  const stops = () => {
    for (const box of document.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", stops);
  document.addEventListener("toggle", stops, true);
  stops();
})();
