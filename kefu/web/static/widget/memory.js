// What is kept between pages: the token of the talk, what has been seen, and what has not yet been sent.

// randomUUID is missing on pages without https
const newId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

// A page may forbid storage; then the talk lives as long as the page.
const memoryOf = (channel) => {
  const key = `kefu:${channel}`;
  let kept = {};
  const load = () => {
    try {
      const found = JSON.parse(localStorage.getItem(key));
      if (found && typeof found === "object") kept = found;
    } catch {}
    return kept;
  };
  const save = (changes) => {
    kept = { ...kept, ...changes };
    try {
      localStorage.setItem(key, JSON.stringify(kept));
    } catch {}
  };
  const forget = () => {
    kept = {};
    try {
      localStorage.removeItem(key);
    } catch {}
  };
  const whenOtherTabChanges = (then) =>
    addEventListener("storage", (event) => event.key === key && event.newValue && then(load()));
  load();
  return { get: () => kept, save, forget, whenOtherTabChanges };
};
