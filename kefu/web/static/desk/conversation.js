// The opened conversation: live updates that touch only what changed, drafts, who else is here.
import { elements, facts, filled, piece, post, soon } from "./page.js";

const told = new WeakMap(); // element -> the server's HTML it was made from
const root = () => document.getElementById("conversation");
export const openedConversation = () => root()?.dataset.id ?? "";

export function watchConversation() {
  let others = new Map(); // agent id -> {what, until}
  let lastTyping = 0;
  let current = "";

  function begin() {
    const conversation = root();
    if (!conversation?.dataset.id) return;
    if (current !== openedConversation()) {
      current = openedConversation();
      others = new Map();
      say("here");
    }
    for (const part of conversation.querySelectorAll("#head, #cases, #approvals, #panel, #thread > [id]")) told.set(part, part.outerHTML);
    for (const field of conversation.querySelectorAll("[data-draft]")) restore(field);
    const key = conversation.querySelector("input[name=key]");
    if (key && !key.value) key.value = newKey();
    document.getElementById("desk")?.setAttribute("data-view", "conversation");
    showOthers();
    toNewest();
  }

  function toNewest() {
    const thread = document.getElementById("thread");
    if (thread) thread.scrollTop = thread.scrollHeight;
  }

  // crypto.randomUUID exists only on https and localhost; a desk in a shop's own network may have neither
  function newKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // ---- drafts: kept on this device for each conversation, gone when sent
  const draftKey = (field) => `kefu-draft-${facts.me}-${root().dataset.id}-${field.dataset.draft}`;

  function restore(field) {
    const kept = localStorage.getItem(draftKey(field));
    if (kept && !field.value) field.value = kept;
    const word = field.form.querySelector("[data-draft-word]");
    if (word) word.textContent = kept ? facts.words.draft : "";
    if (kept && field.dataset.draft === "note" && !document.getElementById("reply-text")?.value) return;
  }

  function keep(field) {
    if (field.value.trim()) localStorage.setItem(draftKey(field), field.value);
    else localStorage.removeItem(draftKey(field));
    const word = field.form.querySelector("[data-draft-word]");
    if (word) word.textContent = field.value.trim() ? facts.words.draft : "";
  }

  // ---- live updates
  async function fetchFresh() {
    const id = openedConversation();
    if (!id) return;
    const html = await piece(root().dataset.url + location.search);
    if (html === null || openedConversation() !== id) return;
    const fresh = elements(html);
    const before = document.getElementById("composer");
    for (const part of ["head", "cases", "approvals", "panel"]) replace(document.getElementById(part), fresh.querySelector(`#${part}`));
    patchThread(fresh.querySelector("#thread"));
    patchComposer(before, fresh.querySelector("#composer"));
    patchNextStep(fresh.querySelector("#next-step"));
  }

  // ---- the suggested next step: another one when the facts are others, never under the hand
  function patchNextStep(fresh) {
    const there = document.getElementById("next-step");
    if (!there || !fresh) return;
    const had = there.querySelector("#suggestion") !== null;
    if (had !== (fresh.querySelector("#suggestion") !== null)) {
      there.replaceWith(fresh);
      htmx.process(fresh); // it asks for its suggestion itself
    } else if (had) refreshSuggestion();
  }

  async function refreshSuggestion() {
    const there = document.getElementById("suggestion");
    const intent = there.dataset.intent ? `?intent=${encodeURIComponent(there.dataset.intent)}` : "";
    const html = await piece(there.dataset.url + intent);
    const fresh = html === null ? null : elements(html).querySelector("#suggestion");
    if (!fresh || document.getElementById("suggestion") !== there || fresh.dataset.rev === there.dataset.rev) return;
    if (there.contains(document.activeElement) && document.activeElement.matches("input")) return; // somebody writes a reason
    if (there.querySelector("details.menu[open]")) return; // somebody is choosing in it
    const hadFocus = there.contains(document.activeElement);
    for (const kept of there.querySelectorAll("[data-keep]")) {
      const same = fresh.querySelector(`[data-keep="${CSS.escape(kept.dataset.keep)}"]`);
      if (same) same.open = kept.open;
    }
    there.replaceWith(fresh);
    htmx.process(fresh);
    if (hadFocus) document.getElementById("thread")?.focus({ preventScroll: true }); // no key may hit a button that has changed
  }

  function editSuggestion(button) {
    write("reply");
    const field = document.getElementById("reply-text");
    if (!field) return;
    const draft = button.dataset.editSuggestion;
    field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${draft}` : draft;
    field.form.elements.suggestion.value = button.dataset.fingerprint;
    const better = field.form.querySelector("[data-better]");
    if (better) better.hidden = false;
    field.form.elements.intent.value = button.closest("#suggestion").dataset.intent ?? "";
    keep(field);
  }

  function replace(there, fresh) {
    if (!there || !fresh || told.get(there) === fresh.outerHTML) return;
    if (there.querySelector("details.menu[open]")) return; // somebody is choosing in it; the next event comes
    const focusKey = there.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    told.set(fresh, fresh.outerHTML);
    for (const kept of there.querySelectorAll("[data-keep]")) {
      const same = fresh.querySelector(`[data-keep="${CSS.escape(kept.dataset.keep)}"]`);
      if (same) same.open = kept.open;
    }
    const scroll = there.scrollTop;
    there.replaceWith(fresh);
    fresh.scrollTop = scroll;
    htmx.process(fresh);
    if (focusKey) fresh.querySelector(`[data-key="${focusKey}"]`)?.focus();
  }

  function patchThread(fresh) {
    const thread = document.getElementById("thread");
    const wasAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 60;
    let grew = false;
    let answered = "";
    for (const entry of [...fresh.children]) {
      if (!entry.id) continue;
      const there = document.getElementById(entry.id);
      if (there) {
        if (there.dataset.rev !== entry.dataset.rev) { told.set(entry, entry.outerHTML); there.replaceWith(entry); htmx.process(entry); }
        continue;
      }
      if (entry.id === "earlier") continue;
      const html = entry.outerHTML;
      thread.append(entry);
      told.set(entry, html);
      htmx.process(entry);
      grew = true;
      if (entry.dataset.side === "agent" && Number(entry.dataset.agent) !== facts.me) answered = entry.querySelector("b")?.textContent ?? "";
      if (entry.dataset.side === "assistant") answered = entry.querySelector("b")?.textContent ?? "";
    }
    thread.querySelector(".no-messages")?.remove();
    thread.dataset.newest = fresh.dataset.newest;
    if (grew && wasAtEnd) thread.scrollTop = thread.scrollHeight;
    else if (grew) offerNewest(thread);
    const text = document.getElementById("reply-text");
    const seen = document.querySelector("#reply-form input[name=seen]");
    if (answered && text?.value.trim()) overtaken(answered);
    else if (seen && !text?.value.trim()) seen.value = fresh.dataset.newest;
  }

  function overtaken(name) {
    const box = document.getElementById("overtaken");
    if (!box) return;
    box.querySelector("span").textContent = filled(facts.words.answered, { name });
    box.hidden = false;
  }

  function offerNewest(thread) {
    if (thread.querySelector(".to-newest")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "to-newest";
    button.textContent = facts.words.new_one + " ↓";
    button.onclick = () => { thread.scrollTop = thread.scrollHeight; button.remove(); };
    thread.append(button);
  }

  /** The composer is replaced only when nobody writes in it, or when writing has become impossible. */
  function patchComposer(there, fresh) {
    if (!there || !fresh) return;
    const could = there.querySelector("#reply-text") !== null;
    const can = fresh.querySelector("#reply-text") !== null;
    const isWriting = there.contains(document.activeElement) || [...there.querySelectorAll("textarea")].some((one) => one.value.trim());
    if (could === can && there.querySelector("#reply-text")?.placeholder === fresh.querySelector("#reply-text")?.placeholder && could) return;
    if (isWriting && could === can) return;
    there.replaceWith(fresh);
    htmx.process(fresh);
    for (const field of fresh.querySelectorAll("[data-draft]")) restore(field);
    const key = fresh.querySelector("input[name=key]");
    if (key) key.value = newKey();
  }

  const refreshSoon = soon(fetchFresh);

  // ---- presence
  function say(state, keepalive = false) {
    const conversation = root();
    if (conversation?.dataset.url) post(`${conversation.dataset.url}presence/`, { state }, keepalive);
  }

  function showOthers() {
    const line = document.getElementById("presence");
    if (!line) return;
    const now = Date.now();
    for (const [agent, one] of others) if (one.until < now) others.delete(agent);
    const sentences = [...others].map(([agent, one]) => {
      if (agent === "customer") return facts.words.customer_typing;
      return filled(one.typingUntil > now ? facts.words.typing : facts.words.viewing, { name: facts.colleagues[agent] ?? "?" });
    });
    line.hidden = sentences.length === 0;
    line.textContent = sentences.join(" · ");
  }

  setInterval(showOthers, 2000);
  setInterval(() => { if (document.visibilityState === "visible" && openedConversation()) say("here"); }, 15000);
  window.addEventListener("pagehide", () => say("gone", true));

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const to = event.detail.requestConfig?.path ?? "";
    if (event.detail.target?.id === "conversation" && !to.includes(root()?.dataset.url ?? "\0")) say("gone");
  });
  document.body.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-draft]")) return;
    keep(field);
    if (field.dataset.draft === "reply" && Date.now() - lastTyping > 4000 && field.value.trim()) {
      lastTyping = Date.now();
      say("typing");
    }
  });
  document.body.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-files]")) return;
    const files = [...field.files];
    const isTooBig = files.reduce((sum, file) => sum + file.size, 0) > 10 * 1024 * 1024;
    if (isTooBig) field.value = "";
    field.form.querySelector("[data-chosen]").textContent = isTooBig ? facts.words.too_big : files.map((file) => file.name).join(", ");
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    // sent: the draft has done its work. Refused: the server gives the text back, and it stays a draft
    const form = event.detail.requestConfig?.elt;
    const field = form?.querySelector?.("[data-draft]");
    if (field && event.detail.xhr.status === 200) localStorage.removeItem(draftKey(field));
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    // htmx lends a swapped piece the old one's attributes for a moment: only now the thread has its own height
    if (event.target.id === "conversation") toNewest();
    if (event.target.matches?.(".why")) event.target.scrollIntoView({ block: "nearest" }); // it may open below the edge
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "conversation" && !document.getElementById("conversation")) return;
    if (event.detail.requestConfig?.target?.id === "conversation" || event.target.id === "conversation") {
      begin();
      const wrote = event.detail.requestConfig?.elt?.querySelector?.("[data-draft]");
      if (wrote) document.getElementById(wrote.id)?.focus();
    }
  });
  document.body.addEventListener("click", (event) => {
    const tab = event.target.closest("#composer [role=tab]");
    if (tab) write(tab.dataset.mode);
    const mail = event.target.closest("[data-mail]");
    if (mail) showMail(mail);
    const whyButton = event.target.closest("[data-why]");
    if (whyButton) {
      const box = document.getElementById(whyButton.getAttribute("aria-controls"));
      const isOpen = box.childElementCount > 0;
      whyButton.setAttribute("aria-expanded", String(!isOpen));
    }
    const edit = event.target.closest("[data-edit-suggestion]");
    if (edit) editSuggestion(edit);
    if (event.target.closest("[data-toggle=panel]")) togglePanel();
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const button = event.target.closest?.("[data-why]");
    const box = button && document.getElementById(button.getAttribute("aria-controls"));
    if (box?.childElementCount) { // a second click folds it up again
      event.preventDefault();
      box.replaceChildren();
      button.setAttribute("aria-expanded", "false");
    }
  });

  function togglePanel() {
    const conversation = root();
    const isOpen = conversation.classList.toggle("has-panel");
    conversation.querySelector(".panel-toggle")?.setAttribute("aria-expanded", String(isOpen));
  }

  function showMail(button) {
    const article = button.closest("article");
    const there = article.querySelector(".mail");
    button.setAttribute("aria-expanded", String(!there));
    if (there) { there.remove(); return; }
    const box = document.createElement("div");
    box.className = "mail";
    const frame = document.createElement("iframe");
    frame.className = "mail-frame";
    frame.title = button.dataset.wordsTitle;
    frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox"); // no scripts
    frame.src = button.dataset.mail;
    frame.onload = () => { frame.style.height = `${Math.min(700, Math.max(80, frame.contentDocument?.documentElement.scrollHeight ?? 240) + 2)}px`; };
    const pictures = document.createElement("button");
    pictures.type = "button";
    pictures.className = "link small";
    pictures.textContent = button.dataset.wordsPictures;
    pictures.onclick = () => { frame.src = `${button.dataset.mail}?images=1`; pictures.remove(); };
    box.append(pictures, frame);
    article.append(box);
  }

  function write(mode) {
    const composer = document.getElementById("composer");
    if (!composer) return;
    composer.dataset.mode = mode;
    for (const tab of composer.querySelectorAll("[role=tab]")) tab.setAttribute("aria-selected", String(tab.dataset.mode === mode));
    document.getElementById(mode === "note" ? "note-text" : "reply-text")?.focus();
  }

  begin();
  return {
    refresh(id) { if (id && id === openedConversation()) refreshSoon(); },
    presence(message) {
      if (message.conversation !== openedConversation() || message.by === facts.me || message.type === "read") return;
      const until = Date.now() + (message.by === "customer" ? 6000 : 45000);
      if (message.type === "gone") others.delete(message.by);
      else others.set(message.by, { until, typingUntil: message.type === "typing" ? Date.now() + 8000 : 0 });
      showOthers();
    },
    write,
    togglePanel,
  };
}
