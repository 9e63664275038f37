// What the server told this page, and small deeds that every part needs.
export const facts = JSON.parse(document.getElementById("desk-facts").textContent);
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

export function filled(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (_whole, name) => values[name] ?? "");
}

export function notice(words) {
  const box = document.createElement("div");
  box.className = "notice";
  box.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = words;
  box.append(text);
  document.getElementById("notice").replaceChildren(box);
  setTimeout(() => box.remove(), 8000);
}

/** The text of a piece, or null when there is none (204, gone, signed out, no line). */
export async function piece(url) {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    const elsewhere = answer.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    return answer.status === 200 && !elsewhere ? await answer.text() : null;
  } catch {
    return null;
  }
}

export function post(url, values, keepalive = false) {
  const body = new URLSearchParams(values);
  return fetch(url, { method: "POST", body, keepalive, headers: { "X-CSRFToken": token, "HX-Request": "true" } }).catch(() => null);
}

export function elements(html) {
  return new DOMParser().parseFromString(html, "text/html").body;
}

/** Runs `deed` once, `wait` ms after the last call and at most `most` ms after the first. */
export function soon(deed, wait = 120, most = 800) {
  let timer = 0;
  let first = 0;
  return () => {
    const now = performance.now();
    first ||= now;
    clearTimeout(timer);
    timer = setTimeout(() => { first = 0; deed(); }, Math.min(wait, Math.max(0, first + most - now)));
  };
}
