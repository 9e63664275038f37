// What waits for approval: the number in the top bar, and the list on its own page. Cards come and go; the one under
// somebody's hand stays as it is until it is decided.
import { elements, piece, soon } from "./page.js";

export function watchApprovals() {
  async function fetchFresh() {
    const count = document.getElementById("approvals-count");
    const number = count && (await piece(count.dataset.url));
    if (typeof number === "string") count.textContent = number;
    const list = document.getElementById("approvals-list");
    if (!list || list.dataset.kind !== "waiting" || location.search.includes("before=")) return;
    const html = await piece(list.dataset.url);
    if (html === null || !list.isConnected) return;
    const fresh = elements(html).querySelector("#approvals-list");
    const ids = new Set([...fresh.querySelectorAll(".approval")].map((one) => one.id));
    for (const card of list.querySelectorAll(".approval")) if (!ids.has(card.id)) card.remove();
    const last = [...list.querySelectorAll(".approval")].at(-1);
    const none = list.querySelector(".approvals-none");
    if (ids.size) none?.remove();
    for (const card of [...fresh.querySelectorAll(".approval")].reverse()) {
      if (document.getElementById(card.id)) continue;
      const there = [...list.querySelectorAll(".approval")].at(-1);
      (there ?? last) ? (there ?? last).after(card) : list.prepend(card);
      htmx.process(card);
    }
    if (!ids.size && !list.querySelector(".approvals-none")) list.prepend(fresh.querySelector(".approvals-none") ?? "");
  }

  const refresh = soon(fetchFresh, 250, 1500);
  document.body.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "approvals-list") refresh(); });
  return { refresh };
}
