// Columns remember their widths on this device. Drag, or arrow keys on the line between them.
export function keepColumns() {
  for (const line of document.querySelectorAll(".splitter")) {
    const name = line.dataset.column;
    const least = Number(line.dataset.least);
    const most = Number(line.dataset.most);
    const desk = line.parentElement;
    const column = line.previousElementSibling;

    const set = (pixels) => {
      const width = Math.round(Math.min(most, Math.max(least, pixels)));
      desk.style.setProperty(name, `${width}px`);
      line.setAttribute("aria-valuenow", width);
      localStorage.setItem(`kefu${name}`, width);
    };
    line.setAttribute("aria-valuemin", least);
    line.setAttribute("aria-valuemax", most);
    const kept = Number(localStorage.getItem(`kefu${name}`));
    if (kept) set(kept);
    else line.setAttribute("aria-valuenow", Math.round(column.getBoundingClientRect().width));

    line.addEventListener("pointerdown", (down) => {
      line.setPointerCapture(down.pointerId);
      const left = column.getBoundingClientRect().left;
      const move = (event) => set(event.clientX - left);
      line.addEventListener("pointermove", move);
      line.addEventListener("pointerup", () => line.removeEventListener("pointermove", move), { once: true });
    });
    line.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
      if (by) {
        event.preventDefault();
        set(column.getBoundingClientRect().width + by);
      }
    });
  }
}
