// What the customer sees: the panel, its bubbles, its buttons. Drawn from the talk's state, node by node, so that
// nothing jumps and a screen reader hears each message once.

const PHONE = matchMedia("(max-width: 520px), (max-height: 480px)");
const GAP = 3 * 60 * 1000;

const panelFor = ({ root, settings, line, talk, t, onclose, isPage }) => {
  const { language, limits } = settings;
  const nodes = new Map();
  let shownChoices = "";

  const subtitle = el("p", { class: "sub", "aria-live": "polite" });
  const mark = el("span", { class: "mark" });
  const person = el("button", { type: "button", class: "person", onclick: () => talk.say(t("person.message")) },
    icon("person"), el("span", {}, t("person.button"))); // prettier-ignore
  const close = isPage ? null : iconButton("close", t("panel.close"), () => onclose());
  const state = el("div", { class: "state", role: "status" });
  const earlier = el("button", { type: "button", class: "earlier", hidden: true, onclick: () => earlierOnes() }, t("older"));
  const list = el("div", { class: "list" });
  const typing = el("div", { class: "typing", hidden: true }, el("i"), el("i"), el("i"), el("span", { class: "unseen" }));
  const choices = el("div", { class: "choices", role: "group", "aria-label": t("choices.label"), hidden: true });
  const log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t("panel.log"), tabindex: "0" },
    earlier, list, typing, choices); // prettier-ignore
  const jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => toEnd() }, icon("down"), t("new_messages"));
  const notice = el("p", { class: "notice", role: "alert", hidden: true });
  const chips = el("ul", { class: "chips", hidden: true });
  const input = el("textarea", { rows: "1", "aria-label": t("write.label"), placeholder: t("write.placeholder"),
    enterkeyhint: "send", dir: "auto" }); // prettier-ignore
  const picker = el("input", { type: "file", multiple: true, hidden: true, tabindex: "-1",
    accept: limits.file_types.join(","), "aria-label": t("write.attach") }); // prettier-ignore
  const send = el("button", { type: "submit", class: "icon send", "aria-label": t("write.send"), title: t("write.send") }, icon("send"));
  const writer = el("form", { class: "writer" },
    iconButton("clip", t("write.attach"), () => picker.click()), picker, input, send); // prettier-ignore
  const drop = el("div", { class: "drop", hidden: true }, t("write.drop"));
  const foot = settings.privacy_url
    ? el("footer", {}, el("a", { href: settings.privacy_url, target: "_blank", rel: "noopener" }, t("privacy")))
    : null;
  const panel = el("section", { class: isPage ? "panel page" : "panel", role: isPage ? "region" : "dialog",
    "aria-label": t("panel.label"), hidden: !isPage },
    el("header", {}, mark, el("div", { class: "who" }, el("h2", {}, t("title")), subtitle), person, close),
    state, log, jump, notice, chips, writer, foot, drop); // prettier-ignore
  root.append(panel);

  let noticeEnds = 0;
  const complain = (key, facts) => {
    notice.textContent = t(key, facts);
    notice.hidden = false;
    clearTimeout(noticeEnds);
    noticeEnds = setTimeout(() => (notice.hidden = true), 8000);
  };
  const files = filesFor({ line, talk, limits, complain, draw: () => drawWriter() });

  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
    jump.hidden = true;
  };
  const earlierOnes = async () => {
    const before = log.scrollHeight - log.scrollTop;
    await talk.older().catch(() => complain("error.generic"));
    log.scrollTop = log.scrollHeight - before;
  };

  const nameOf = (message) => {
    if (message.author === "customer") return t("who.you");
    if (message.author === "agent") return message.name || t("who.agent_unnamed");
    return t("who.assistant");
  };

  const bubble = (message) => {
    const isMine = message.author === "customer";
    const body = el("div", { class: "bubble", dir: "auto" }, el("span", { class: "unseen" }, `${nameOf(message)}: `), ...linked(message.text));
    if (!message.text) body.classList.add("bare");
    for (const file of message.files) body.append(shownFile(file, { line, talk, t, language }));
    return el("div", { class: `row ${isMine ? "mine" : "theirs"} ${message.author}` }, body, el("p", { class: "meta" }));
  };

  const drawMeta = (node, message, next) => {
    const meta = node.lastChild;
    const isLast = !next || next.author !== message.author || next.name !== message.name ||
      Date.parse(next.created_at) - Date.parse(message.created_at) > GAP; // prettier-ignore
    node.classList.toggle("last", isLast);
    if (message.failed) {
      meta.replaceChildren(t("message.failed"), " ",
        el("button", { type: "button", onclick: () => talk.retry(message.queued) }, t("message.retry")),
        el("button", { type: "button", onclick: () => talk.discard(message.queued) }, t("message.discard"))); // prettier-ignore
    } else if (message.queued) {
      meta.textContent = t(talk.state.isConnected ? "message.sending" : "message.waiting");
    } else if (isLast) {
      const time = el("time", { datetime: message.created_at, title: fullTime(message.created_at, language) },
        clockTime(message.created_at, language)); // prettier-ignore
      const isMine = message.author === "customer";
      meta.replaceChildren(...(isMine ? [] : [el("b", {}, nameOf(message)), " · "]), time);
    } else {
      meta.textContent = "";
    }
    meta.classList.toggle("bad", Boolean(message.failed));
  };

  // The greeting stands where the talk began; it is the page's own, the desk never sees it.
  const began = new Date().toISOString();
  const all = () => {
    const said = talk.state.messages;
    const greeting = { id: "greeting", author: "assistant", name: "", text: t("greeting"), files: [], created_at: said[0]?.created_at || began };
    const waiting = talk.state.queue.map((one) => ({ ...one, author: "customer", name: "", created_at: one.at, queued: one }));
    return [...(talk.state.more ? [] : [greeting]), ...said, ...waiting];
  };

  const drawMessages = () => {
    const wasAtEnd = isAtEnd();
    const messages = all();
    const keys = messages.map((message) => message.client_id || message.id);
    const isNews = keys.length && !nodes.has(keys.at(-1)) && nodes.size;
    for (const [key, node] of nodes) {
      if (!keys.includes(key)) {
        node.remove();
        nodes.delete(key);
      }
    }
    messages.forEach((message, at) => {
      let node = nodes.get(keys[at]);
      if (!node) nodes.set(keys[at], (node = bubble(message)));
      if (list.children[at] !== node) list.insertBefore(node, list.children[at] || null);
      node.classList.toggle("waiting", Boolean(message.queued));
      drawMeta(node, message, messages[at + 1]);
    });
    earlier.hidden = !talk.state.more;
    if (wasAtEnd || messages.at(-1)?.queued) toEnd();
    else if (isNews) jump.hidden = false;
  };

  // Buttons belong to the last word said; what is written freely counts as well.
  const drawChoices = () => {
    const last = talk.state.queue.length ? null : talk.state.messages.at(-1);
    const offered = last && last.author !== "customer" ? last.choices : [];
    const key = offered.length ? last.id : "";
    if (key === shownChoices) return;
    const hadFocus = choices.contains(root.activeElement);
    shownChoices = key;
    choices.hidden = !offered.length;
    choices.replaceChildren(...offered.map(({ label, value }) =>
      el("button", { type: "button", onclick: () => talk.say(label, { choice: value }) }, label))); // prettier-ignore
    if (hadFocus) input.focus();
    if (key) toEnd();
  };

  const drawHead = () => {
    const { answering, status, name, isConnected } = talk.state;
    const isClosed = status === "closed";
    subtitle.textContent = isClosed ? t("subtitle.closed")
      : answering === "agent" ? t("subtitle.agent", { name: name || t("who.agent_unnamed") })
      : t(`subtitle.${answering}`); // prettier-ignore
    const shown = answering === "assistant" ? "machine" : "person";
    if (mark.dataset.shows !== shown) {
      mark.replaceChildren(icon(shown));
      mark.dataset.shows = shown;
    }
    person.hidden = answering !== "assistant" && !isClosed;
    state.hidden = isConnected;
    const words = isConnected ? "" : t("state.offline");
    if (state.textContent !== words) state.textContent = words;
    const wasHidden = typing.hidden;
    typing.hidden = !talk.state.typing;
    typing.lastChild.textContent = talk.state.typing === "agent"
      ? t("typing.agent", { name: name || t("who.agent_unnamed") }) : talk.state.typing ? t("typing.assistant") : ""; // prettier-ignore
    if (wasHidden && !typing.hidden && isAtEnd()) toEnd();
  };

  const drawWriter = () => {
    const chosen = files.all();
    chips.hidden = !chosen.length;
    chips.replaceChildren(...chosen.map((one) => {
      const progress = one.id ? t("file.ready", { name: one.name }) : t("file.uploading", { name: one.name, percent: one.percent });
      return el("li", { title: progress },
        one.preview ? el("img", { src: one.preview, alt: "" }) : icon("file"), el("span", {}, one.name),
        one.id ? null : el("progress", { max: "100", value: String(one.percent), "aria-label": progress }),
        iconButton("close", t("file.remove", { name: one.name }), () => files.remove(one)));
    })); // prettier-ignore
    send.disabled = files.isBusy() || (!input.value.trim() && !chosen.length);
  };

  const grow = () => {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
  };

  const submit = () => {
    if (send.disabled) return;
    if (input.value.length > limits.text) return complain("error.text_too_long", { limit: limits.text });
    talk.say(input.value.trim(), { files: files.take() });
    input.value = "";
    grow();
    drawWriter();
    input.focus();
  };

  writer.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", () => {
    grow();
    drawWriter();
    if (input.value) talk.tellTyping();
  });
  input.addEventListener("keydown", (event) => {
    // while an input method composes (Chinese, Japanese), Enter picks a word
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  input.addEventListener("paste", (event) => {
    const pasted = [...event.clipboardData.files];
    if (!pasted.length) return;
    event.preventDefault();
    files.add(pasted);
  });
  picker.addEventListener("change", () => {
    files.add(picker.files);
    picker.value = "";
    input.focus();
  });
  const dragging = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    drop.hidden = event.type === "dragleave" && !panel.contains(event.relatedTarget);
  };
  panel.addEventListener("dragover", dragging);
  panel.addEventListener("dragleave", dragging);
  panel.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.hidden = true;
    files.add(event.dataTransfer.files);
  });
  // When the log grows smaller (a keyboard, a chosen file), who was at its end stays there.
  let isStuck = true;
  log.addEventListener("scroll", () => {
    isStuck = isAtEnd();
    if (isStuck) jump.hidden = true;
  });
  new ResizeObserver(() => isStuck && toEnd()).observe(log);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !isPage && !event.isComposing) onclose();
    if (event.key === "Tab" && PHONE.matches && !isPage) keepFocusIn(event);
  });

  // Only as a full sheet is the panel modal; beside the page, Tab leaves it as usual.
  const keepFocusIn = (event) => {
    const stops = [...panel.querySelectorAll("a[href], button, textarea, [tabindex='0']")].filter(
      (node) => !node.disabled && node.getClientRects().length,
    );
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (root.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  };

  const draw = () => {
    drawHead();
    drawMessages();
    drawChoices();
  };
  const show = (isShown, takesFocus) => {
    panel.hidden = !isShown;
    if (!isShown) return;
    if (!isPage) panel.setAttribute("aria-modal", String(PHONE.matches));
    draw();
    toEnd();
    drawWriter();
    // history is not read aloud; what comes from now on is
    setTimeout(() => log.setAttribute("aria-live", "polite"), 1000);
    if (takesFocus) input.focus({ preventScroll: true });
  };
  return { draw, show, complain };
};
