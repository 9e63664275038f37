// The desk's page: puts the parts together. Everything works without this file but live updates, keys and drafts.
import { watchApprovals } from "./approvals.js";
import { keepColumns } from "./columns.js";
import { openedConversation, watchConversation } from "./conversation.js";
import { watchKeys } from "./keys.js";
import { watchList } from "./list.js";
import { listen } from "./live.js";
import { keepMomentsFresh } from "./moments.js";
import { facts, notice } from "./page.js";

keepColumns();
keepMomentsFresh(facts.language, facts.words);
const list = watchList();
const conversation = watchConversation();
const approvals = watchApprovals();
watchKeys(list, conversation);

listen(facts.stream, {
  changed(id, kind) {
    list.refresh(id);
    conversation.refresh(id);
    if (kind.startsWith("assistant.approval")) approvals.refresh();
  },
  // after a gap nobody knows what was missed: fetch everything on show once
  resumed() {
    list.refreshAll();
    approvals.refresh();
    conversation.refresh(openedConversation());
  },
  presence: conversation.presence,
});

document.body.addEventListener("kefu:changed", (event) => list.refresh(event.detail.conversation));
document.body.addEventListener("htmx:sendError", () => notice(facts.words.offline));
document.body.addEventListener("click", (event) => {
  const target = event.target.closest("[data-dismiss], [data-open]");
  if (target?.hasAttribute("data-dismiss")) target.closest(".notice").remove();
  if (target?.dataset.open) document.getElementById(target.dataset.open).showModal();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.body.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
