// Elements, icons and text. Text is always text: nothing that comes in is read as markup.

const el = (tag, props, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name === "class" ? "class" : name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child || child === 0));
  return node;
};

const PATHS = {
  chat: "M4 5h16v11H9l-5 4z",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  send: "M4 12h15M13 6l6 6-6 6",
  clip: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4L14.5 7",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.5-6.5 8-6.500s8 2.5 8 6.5",
  machine: "M5 9h14v10H5zM12 9V5M9.5 13v2M14.5 13v2M2.5 13v3M21.5 13v3M12 5a.8.8 0 1 0 0-1.6.8.8 0 0 0 0 1.6",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
};

const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
};

const iconButton = (name, label, onclick, props) =>
  el("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...props }, icon(name));

// Only http and https become links; closing punctuation (also Chinese) stays outside.
const ADDRESS = /https?:\/\/[^\s<>"'“”‘’《》【】（），。；！？、]+/gi;

const linked = (text) => {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?)\]]+$/, "");
    let safe;
    try {
      safe = new URL(address);
    } catch {
      continue;
    }
    parts.push(text.slice(at, match.index));
    parts.push(el("a", { href: safe.href, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    at = match.index + address.length;
  }
  return [...parts, text.slice(at)];
};

const clockTime = (iso, language) =>
  new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));

const fullTime = (iso, language) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

const humanSize = (bytes, language) => {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  const digits = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 ? 1 : 0 };
  return new Intl.NumberFormat(language, digits).format(value);
};
