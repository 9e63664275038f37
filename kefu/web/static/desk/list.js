// The list of conversations: rows change in place, new ones never push the list under somebody's hand.
import { elements, facts, filled, piece, soon } from "./page.js";

export function watchList() {
  const waiting = new Map(); // row id -> fresh element that waits to be put on top
  const touched = new Set();
  const list = () => document.getElementById("list");
  const key = () => document.getElementById("list-pane")?.dataset.list ?? "mine";

  /** Whether a hand is on the list: then nothing above it may move. */
  const isHeld = () => list().matches(":hover") || list().contains(document.activeElement) || list().scrollTop > 40;

  function mark() {
    const opened = document.getElementById("conversation")?.dataset.id;
    for (const link of document.querySelectorAll("#list .row > a")) {
      if (opened && link.parentElement.dataset.id === opened) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  function showWaiting() {
    const button = document.getElementById("new-rows");
    if (!button) return;
    button.hidden = waiting.size === 0;
    button.textContent = waiting.size === 1 ? facts.words.new_one : filled(facts.words.new_many, { n: waiting.size });
  }

  function putWaiting() {
    const fresh = [...waiting.values()].sort((a, b) => above(b.dataset.at, a.dataset.at));
    waiting.clear();
    for (const row of fresh.reverse()) {
      document.getElementById(row.id)?.remove();
      row.classList.add("is-fresh");
      list().prepend(row);
      htmx.process(row);
    }
    for (const gone of list().querySelectorAll("[data-gone]")) gone.remove();
    document.querySelector("#list-pane .empty").hidden = list().querySelector(".row") !== null;
    showWaiting();
    mark();
  }

  function above(a, b) {
    const [aAt, aId] = a.split("-").map(Number);
    const [bAt, bId] = b.split("-").map(Number);
    return bAt - aAt || bId - aId;
  }

  function place(id, html) {
    const there = document.getElementById(`row-${id}`);
    if (html === null) {
      waiting.delete(`row-${id}`);
      if (there) there.dataset.gone = "";
    } else {
      const fresh = elements(html).firstElementChild;
      const top = list().querySelector(".row");
      const isOnTop = there !== null && there === top;
      if (there && (there.dataset.at === fresh.dataset.at || isOnTop || isHeld())) {
        there.replaceWith(fresh); // same place: what is read changes, what is under the hand stays
        htmx.process(fresh);
        waiting.delete(fresh.id);
      } else if (!there && list().dataset.first !== "yes") {
        return;
      } else {
        waiting.set(fresh.id, fresh);
      }
    }
    if (isHeld()) showWaiting();
    else putWaiting();
    mark();
  }

  const refreshCounts = soon(async () => {
    const html = await piece(`/desk/queues/?list=${key()}`);
    if (html === null) return;
    for (const fresh of elements(html).querySelectorAll("[data-count]")) {
      const there = document.querySelector(`#queues [data-count="${fresh.dataset.count}"]`);
      if (there && there.textContent !== fresh.textContent) there.textContent = fresh.textContent;
    }
  }, 250, 1500);

  const refreshRows = soon(async () => {
    const ids = [...touched];
    touched.clear();
    const wanted = key();
    if (list() === null) return;
    if (ids.length > 12) { await refreshTop(); return; }
    for (const id of ids) {
      const html = await piece(`/desk/rows/${id}/?list=${wanted}`);
      if (key() === wanted && list()) place(id, html);
    }
  });

  /** Many at once: one request for the first page instead of one for each row. */
  async function refreshTop() {
    const wanted = key();
    const html = await piece(`/desk/rows/?list=${wanted}`);
    if (html === null || key() !== wanted || list().dataset.first !== "yes") return;
    for (const row of [...elements(html).querySelectorAll(".row")].reverse()) place(row.dataset.id, row.outerHTML);
  }

  document.body.addEventListener("click", (event) => {
    if (event.target.closest("#new-rows")) {
      putWaiting();
      list().scrollTop = 0;
    }
    const row = event.target.closest("#list .row > a");
    if (row) { // felt at once, before the server has answered
      for (const link of document.querySelectorAll("#list .row > a[aria-current]")) link.removeAttribute("aria-current");
      row.setAttribute("aria-current", "true");
    }
    const queue = event.target.closest("#queues a");
    if (queue) {
      waiting.clear();
      document.querySelector("#queues [aria-current]")?.removeAttribute("aria-current");
      queue.setAttribute("aria-current", "page");
    }
  });
  document.body.addEventListener("htmx:afterSettle", mark);
  document.body.addEventListener("pointerout", (event) => {
    if (event.target.closest("#list") && !event.relatedTarget?.closest("#list")) setTimeout(() => list() && !isHeld() && putWaiting(), 400);
  });

  return {
    refresh(id) {
      touched.add(id);
      refreshRows();
      refreshCounts();
    },
    refreshAll() {
      refreshTop();
      refreshCounts();
    },
    /** j and k: the row after or before the one that is marked or focused. */
    step(by) {
      const links = [...document.querySelectorAll("#list .row > a")];
      const at = links.indexOf(document.activeElement);
      const from = at >= 0 ? at : links.findIndex((link) => link.hasAttribute("aria-current"));
      const next = links[Math.max(0, Math.min(links.length - 1, from + by))] ?? links[0];
      next?.focus({ preventScroll: true });
      next?.scrollIntoView({ block: "nearest" });
    },
  };
}
