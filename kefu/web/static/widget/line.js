// The line to Kefu: requests, and one live stream that comes back by itself and goes on where it broke off.

class Refused extends Error {
  constructor(status, body, wait) {
    super(body.message || `HTTP ${status}`);
    Object.assign(this, { status, code: body.code || "", details: body.details || {}, wait });
  }
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const lineTo = (base, channel) => {
  const root = `${base}/chat/v1/${channel}/`;
  const authorized = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

  const answerOf = async (response) => {
    if (response.ok) return response.status === 204 ? {} : response.json();
    const body = await response.json().catch(() => ({}));
    throw new Refused(response.status, body, Number(response.headers.get("Retry-After")) || 0);
  };

  const ask = async (path, { token, body } = {}) => {
    const request = { headers: authorized(token), credentials: "omit", referrerPolicy: "no-referrer" };
    if (body) {
      request.method = "POST";
      request.headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    return answerOf(await fetch(root + path, request));
  };

  const bytes = async (id, token) => {
    const response = await fetch(`${root}files/${id}`, { headers: authorized(token), credentials: "omit" });
    return response.ok ? response.blob() : answerOf(response);
  };

  // XMLHttpRequest, for fetch tells no progress of an upload
  const upload = (file, token, onprogress) =>
    new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      const form = new FormData();
      form.append("file", file, file.name || "image.png");
      request.open("POST", `${root}files`);
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.responseType = "json";
      request.upload.onprogress = (event) => onprogress(Math.round((event.loaded / (event.total || 1)) * 100));
      request.onerror = () => fail(new TypeError("network"));
      request.onload = () => {
        const wait = Number(request.getResponseHeader("Retry-After")) || 0;
        if (request.status === 201) done(request.response.file);
        else fail(new Refused(request.status, request.response || {}, wait));
      };
      request.send(form);
    });

  return { ask, bytes, upload };
};

// The stream says that it lives every 20 seconds; after SILENCE it is taken for dead.
const SILENCE = 45000;
const LONGEST_PAUSE = 30000;
const POLLING_PAUSE = 5000;

const streamOf = ({ url, token, after, heard, opened, broken, refused }) => {
  let stopped = false;
  let abort = new AbortController();
  let hurry = () => {};

  const once = async () => {
    abort = new AbortController();
    let watch = setTimeout(() => abort.abort(), SILENCE);
    try {
      const last = after();
      const response = await fetch(url + (last ? `?after=${last}` : ""), {
        headers: { Authorization: `Bearer ${token()}` },
        credentials: "omit",
        cache: "no-store",
        signal: abort.signal,
      });
      if (!response.ok) {
        const body = await response.json().catch(() => ({}));
        throw new Refused(response.status, body, Number(response.headers.get("Retry-After")) || 0);
      }
      opened();
      const reader = response.body.getReader();
      const letters = new TextDecoder();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watch);
        watch = setTimeout(() => abort.abort(), SILENCE);
        const blocks = (rest + letters.decode(value, { stream: true })).split("\n\n");
        rest = blocks.pop();
        blocks.forEach(tell);
      }
    } finally {
      clearTimeout(watch);
    }
  };

  const tell = (block) => {
    const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
    if (fields.event && fields.data) heard(fields.event, JSON.parse(fields.data));
  };

  const run = async () => {
    let tries = 0;
    while (!stopped) {
      const began = Date.now();
      let wait = 0;
      try {
        await once();
      } catch (problem) {
        if (stopped) return;
        if (problem instanceof Refused && problem.status < 429) return refused(problem);
        wait = (problem.wait || 0) * 1000;
      }
      if (stopped) return;
      tries = Date.now() - began > 10000 ? 0 : tries + 1;
      // `broken` fetches what is new the plain way: some networks let no stream through
      const isReached = tries > 1 || !navigator.onLine ? await broken() : false;
      const longest = Math.max(wait, Math.min(2 ** tries * 500, isReached ? POLLING_PAUSE : LONGEST_PAUSE));
      await Promise.race([pause(longest * (0.7 + Math.random() * 0.6)), new Promise((done) => (hurry = done))]);
    }
  };

  const again = () => {
    abort.abort();
    hurry();
  };
  const stop = () => {
    stopped = true;
    again();
  };
  run();
  return { again, stop };
};
