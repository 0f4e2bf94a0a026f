"use strict";
// Forms are sent in the background, and those regions of the page that have changed are put in the place of what they
// showed before: what has the focus keeps it, what is typed and not sent stays typed, and a screen reader reads the
// verdicts out. Another window's changes are shown as soon as this one is looked at. Without this script every form is
// sent plainly.
(() => {
  if (new URLSearchParams(location.search).has("token")) history.replaceState(null, "", "/");

  let queue = Promise.resolve();
  const later = (work) => (queue = queue.then(work, work));
  const body = document.body;
  const regions = () => [...document.querySelectorAll("[data-region]")];
  const marks = () => regions().map((each) => `${each.id}=${each.dataset.region}`).join(" ");
  const revision = () => document.querySelector("[name=revision]").value;
  const fold = (details) => details.closest("[data-region]")?.id + details.querySelector("summary")?.textContent;
  const controls = (root) => [...root.querySelectorAll("input:not([type=hidden], [type=file]), select, textarea")];
  const given = (control) => control instanceof HTMLSelectElement
    ? ([...control.options].find((each) => each.defaultSelected) ?? control.options[0])?.value : control.defaultValue;

  const filled = (region, html) => {
    // What was typed in and has not been sent yet is not to be lost.
    const typed = controls(region).filter((each) => each.id && each.value !== given(each) && each.value !== each.sent);
    const kept = new Map(typed.map((each) => [each.id, each.value]));
    const opened = new Map([...region.querySelectorAll("details")].map((each) => [fold(each), each.open]));
    region.innerHTML = html;
    for (const control of kept.size ? controls(region) : []) if (kept.has(control.id)) control.value = kept.get(control.id);
    for (const details of region.querySelectorAll("details")) {
      if (opened.has(fold(details))) details.open = opened.get(fold(details));
    }
  };

  const listed = (list, idents) => {
    for (const child of [...list.children]) if (!idents.includes(child.id)) child.remove();
    idents.forEach((ident, place) => {
      let child = document.getElementById(ident);
      if (!child) {
        child = document.createElement("div");
        child.id = ident;
        child.dataset.region = "";
      }
      if (list.children[place] !== child) list.insertBefore(child, list.children[place] ?? null);
    });
  };

  const show = (next) => {
    const focus = document.activeElement;
    const place = focus && focus.selectionStart !== undefined ? [focus.selectionStart, focus.selectionEnd] : null;
    for (const [ident, idents] of Object.entries(next.lists)) listed(document.getElementById(ident), idents);
    for (const [ident, [mark, html]] of Object.entries(next.regions)) {
      const region = document.getElementById(ident);
      region.dataset.region = mark;
      filled(region, html);
    }
    for (const each of document.querySelectorAll("[name=revision]")) each.value = next.revision;
    body.classList.toggle("empty", !next.revision);
    document.title = `${next.title} - workbench`;
    const again = focus && !focus.isConnected && focus.id ? document.getElementById(focus.id) : null;
    if (again && !again.disabled) {
      again.focus({ preventScroll: true });
      try { if (place) again.setSelectionRange(...place); } catch { /* a choice has no selection */ }
    } else if (focus && focus !== body && (!focus.isConnected || focus.disabled)) {
      document.getElementById("verdicts").focus({ preventScroll: true });
    }
    idly();
  };

  const asked = async (address, options) => {
    const headers = { "X-Regions": marks() };
    const answer = await fetch(address, { ...options, headers, credentials: "same-origin" });
    if (answer.headers.get("content-type")?.startsWith("application/json")) show(await answer.json());
    else document.getElementById("notice").textContent = await answer.text();
  };
  const silent = "The workbench does not answer. Is certplan serve still running?";
  const send = (address, content, form) => later(async () => {
    body.setAttribute("aria-busy", "true");
    const sent = form ? controls(form) : [];
    try {
      for (const control of sent) control.sent = control.value;
      await asked(address, { method: "POST", body: content() });
    } catch {
      document.getElementById("notice").textContent = silent;
    } finally {
      for (const control of sent) delete control.sent;
      body.removeAttribute("aria-busy");
    }
  });
  const plain = (form, button) => () => new URLSearchParams(new FormData(form, button));
  const changed = (form) => () => {
    const found = controls(form).filter((each) => each.name && !each.disabled && each.value !== given(each));
    return new URLSearchParams([["revision", revision()], ...found.map((each) => [each.name, each.value])]);
  };
  const whole = (form) => () => new FormData(form);

  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    event.preventDefault();
    const files = form.querySelector("input[type=file]");
    if (files && !files.files.length) return files.focus();
    const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
    const content = files ? whole(form) : plain(form, button);
    send(address, content, form).then(() => { if (files) files.value = ""; });
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-live]")) send(form.action, changed(form), form);
    else if (event.target.type === "file" && event.target.files.length) {
      const input = event.target;
      send(form.action, whole(form)).then(() => { input.value = ""; });
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
    const dropped = [...event.dataTransfer.files];
    send(form.action, () => {
      const content = new FormData(form);
      content.delete("files");
      for (const file of dropped) content.append("files", file);
      return content;
    });
  });

  // What another window has done meanwhile.
  const look = async () => {
    if (document.hidden || body.hasAttribute("aria-busy")) return;
    try {
      const answer = await fetch("/revision", { credentials: "same-origin" });
      if (answer.ok && (await answer.text()).trim() !== revision()) later(() => asked("/?since=" + revision()));
    } catch { /* it is said when something is asked of it */ }
  };
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  setInterval(look, 2000);

  // A table that fits needs no stop for the keyboard.
  const stops = () => {
    for (const box of document.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  // Asking how wide each is costs a layout of the whole page, and can wait until what was asked for is seen.
  const idly = () => requestIdleCallback(stops, { timeout: 1000 });
  addEventListener("resize", idly);
  document.addEventListener("toggle", idly, true);
  idly();
})();
