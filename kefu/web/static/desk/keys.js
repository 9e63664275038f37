// One key each, never while somebody writes. "?" shows the sheet.
export function watchKeys(list, conversation) {
  const press = (key) => {
    const control = document.querySelector(`#conversation [data-key="${key}"]`);
    if (!control) return;
    control.click();
    if (control.tagName === "SUMMARY") control.parentElement.querySelector("input:checked, select")?.focus();
  };
  const deeds = {
    j: () => list.step(1),
    k: () => list.step(-1),
    r: () => conversation.write("reply"),
    n: () => conversation.write("note"),
    s: () => document.querySelector("#suggestion [data-first]")?.focus(),
    g: () => press("g"),
    t: () => press("t"),
    h: () => press("h"),
    e: () => press("e"),
    c: () => conversation.togglePanel(),
    "/": () => document.getElementById("q").select(),
    "?": () => document.getElementById("keys").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select, [contenteditable]");
    if (field && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      field.form?.querySelector(".send")?.click();
      event.preventDefault();
      return;
    }
    if (field && event.key === "Escape" && !document.querySelector("details.menu[open], dialog[open]")) {
      field.blur();
      document.getElementById("thread")?.focus({ preventScroll: true });
      return;
    }
    if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const deed = deeds[event.key];
    if (deed) {
      event.preventDefault();
      deed();
    }
  });
}
