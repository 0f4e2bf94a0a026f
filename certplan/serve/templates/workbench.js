"use strict";
// Forms are sent in the background and the page's regions are put in the place of what they showed before: what has
// the focus keeps it, and a screen reader reads the verdicts out. Without this script every form is sent plainly.
(() => {
  if (new URLSearchParams(location.search).has("token")) history.replaceState(null, "", "/");

  let queue = Promise.resolve();
  const later = (work) => (queue = queue.then(work, work));
  const body = document.body;
  const fold = (details) => details.closest("[data-region]")?.id + details.querySelector("summary")?.textContent;

  const show = (text) => {
    const next = new DOMParser().parseFromString(text, "text/html");
    const opened = new Map([...document.querySelectorAll("details")].map((each) => [fold(each), each.open]));
    const focus = document.activeElement;
    const typing = focus instanceof HTMLInputElement && focus.name && focus.value !== focus.defaultValue ? focus.value : null;
    const place = focus && focus.selectionStart !== undefined ? [focus.selectionStart, focus.selectionEnd] : null;
    const same = new Set([...next.querySelectorAll("[data-region]")].map((each) => each.id));
    if ([...document.querySelectorAll("[data-region]")].some((each) => !same.has(each.id)) || same.size !== document.querySelectorAll("[data-region]").length) {
      body.replaceChildren(...next.body.childNodes);
    } else {
      for (const region of document.querySelectorAll("[data-region]")) {
        const other = next.getElementById(region.id);
        if (region.innerHTML === other.innerHTML) continue;
        region.replaceChildren(...other.childNodes);
        region.hidden = other.hidden;
      }
    }
    document.title = next.title;
    for (const details of document.querySelectorAll("details")) {
      if (opened.has(fold(details))) details.open = opened.get(fold(details));
    }
    const again = focus && !focus.isConnected && ((focus.id && document.getElementById(focus.id)) || null);
    if (again) {
      if (typing !== null) again.value = typing;
      again.focus({ preventScroll: true });
      try { if (place) again.setSelectionRange(...place); } catch { /* a choice has no selection */ }
    } else if (focus && !focus.isConnected) {
      document.getElementById("verdicts").tabIndex = -1;
      document.getElementById("verdicts").focus({ preventScroll: true });
    }
    stops();
  };

  const send = (form, content) => later(async () => {
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: content(), credentials: "same-origin" });
      if (answer.headers.get("content-type")?.startsWith("text/html")) show(await answer.text());
      else document.getElementById("notice").textContent = await answer.text();
    } catch {
      document.getElementById("notice").textContent = "The workbench does not answer. Is certplan serve still running?";
    } finally {
      body.removeAttribute("aria-busy");
    }
  });
  const plain = (form) => () => new URLSearchParams(new FormData(form));
  const whole = (form) => () => new FormData(form);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    event.preventDefault();
    const files = form.querySelector("input[type=file]");
    if (files && !files.files.length) return files.focus();
    send(form, form.enctype === "multipart/form-data" ? whole(form) : plain(form));
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-live]")) send(form, plain(form));
    else if (event.target.type === "file" && event.target.files.length) {
      const input = event.target;
      send(form, whole(form)).then(() => { input.value = ""; });
    }
  });

  const over = (on) => document.getElementById("add")?.classList.toggle("over", on);
  document.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
  document.addEventListener("dragleave", () => over(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const form = document.getElementById("add");
    if (!form || !event.dataTransfer.files.length) return;
    const content = new FormData(form);
    content.delete("files");
    for (const file of event.dataTransfer.files) content.append("files", file);
    send(form, () => content);
  });

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
