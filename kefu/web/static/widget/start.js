// The beginning: who we are, where we stand on the page, and the round button that opens the panel.

const script = document.currentScript || document.querySelector("script[data-channel][src*='widget.js']");
const options = { language: "auto", side: "end", bottom: "20", theme: "auto", mode: "bubble", ...script.dataset };
const base = script.src.replace(/\/widget\.js.*$/, "");
const isPage = options.mode === "page";

// Until the texts come (one small request), the button already has a name.
const FIRST = { zh: "打开客服聊天", en: "Open the chat" };

const wished = options.language === "auto" ? document.documentElement.lang || navigator.language || "en" : options.language;

const begin = async () => {
  const host = document.createElement("kefu-chat");
  const root = host.attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet]; // not an inline style, so a strict page allows it
  } catch {
    root.append(el("style", {}, STYLE));
  }
  host.dataset.side = options.side;
  host.dataset.theme = options.theme;
  host.dataset.mode = options.mode;
  host.style.setProperty("--bottom", `${parseInt(options.bottom, 10) || 20}px`);
  if (options.accent) host.style.setProperty("--accent", options.accent);

  const badge = el("span", { class: "badge", hidden: true });
  const launcher = el("button", { type: "button", class: "launcher", "aria-expanded": "false", "aria-haspopup": "dialog",
    "aria-label": FIRST[wished.slice(0, 2)] || FIRST.en, onclick: () => toggle() }, icon("chat"), badge); // prettier-ignore
  if (!isPage) root.append(launcher);
  const place = isPage && document.querySelector("[data-kefu-place]");
  (place || document.body).append(host);

  const line = lineTo(base, options.channel);
  const memory = memoryOf(options.channel);
  let panel = null;
  let talk = null;
  let isWanted = isPage;
  let isOpen = false;

  const open = ({ takesFocus = true } = {}) => {
    isWanted = true;
    launcher.classList.toggle("busy", !panel);
    if (!panel || isOpen) return;
    isOpen = true;
    memory.save({ open: true });
    panel.show(true, takesFocus);
    launcher.setAttribute("aria-expanded", "true");
    host.classList.add("open");
    if (PHONE.matches && !isPage) document.documentElement.style.setProperty("overflow", "hidden");
    talk.connect();
    draw();
  };
  const close = () => {
    isWanted = isOpen = false;
    memory.save({ open: false });
    if (!panel) return;
    panel.show(false);
    launcher.setAttribute("aria-expanded", "false");
    host.classList.remove("open");
    document.documentElement.style.removeProperty("overflow");
    draw();
    launcher.focus();
  };
  const toggle = () => (isOpen || (isWanted && !panel) ? close() : open());
  window.Kefu = { open: () => open(), close };
  // the shop's own "Ask our service" buttons and links
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-kefu-open]")) open();
  });

  let settings;
  for (let tries = 0; !settings; tries++) {
    try {
      settings = await line.ask(`settings?language=${encodeURIComponent(wished)}`);
    } catch (refusal) {
      if (refusal.status && refusal.status < 429) {
        host.remove(); // no such chat, or not for this page: better nothing than a dead button
        return console.warn(`Kefu chat: ${refusal.message}`);
      }
      await pause(Math.min(2 ** tries * 1000, LONGEST_PAUSE));
    }
  }
  const t = (key, facts) =>
    Object.entries(facts || {}).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), settings.texts[key] || key);
  host.lang = settings.language;
  if (!options.accent) host.style.setProperty("--accent", settings.accent);

  const draw = () => {
    if (!panel) return;
    panel.draw();
    if (isOpen && !document.hidden) talk.markRead();
    const unread = isOpen ? 0 : talk.unread();
    badge.hidden = !unread;
    badge.textContent = unread > 9 ? "9+" : unread;
    const label = isOpen ? t("panel.close") : unread ? t("launcher.unread", { count: unread }) : t("launcher.open");
    launcher.setAttribute("aria-label", label);
    launcher.replaceChildren(icon(isOpen ? "down" : "chat"), badge);
  };
  const problem = (refusal) => {
    if (refusal.status === 429) panel.complain("error.rate_limited", { seconds: refusal.wait || 2 });
    else if (refusal.code === "chat.text_too_long") panel.complain("error.text_too_long", { limit: settings.limits.text });
    else panel.complain("error.generic");
  };

  // a strict page forbids the inline script that sets kefuSettings; an attribute is allowed everywhere
  const { identity } = window.kefuSettings || { identity: JSON.parse(options.identity || "null") };
  talk = talkOver({ line, memory, identity, settings, isOpen: () => isOpen, draw, problem });
  panel = panelFor({ root, settings, line, talk, t, onclose: close, isPage });
  document.addEventListener("visibilitychange", draw);
  talk.connect();
  launcher.classList.remove("busy");
  // asked for while it loaded, or open when the last page was left (not as a sheet that hides the new page)
  if (isWanted) open({ takesFocus: !isPage });
  else if (memory.get().open && !PHONE.matches) open({ takesFocus: false });
  draw();
};

if (options.channel) {
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
}
