// The talk: what was said, what waits to be sent, who answers. It draws nothing; `draw()` is told when it changed.

const talkOver = ({ line, memory, identity, settings, isOpen, draw, problem }) => {
  const who = identity ? `${identity.customer || ""}|${identity.email || ""}` : "";
  const state = {
    messages: [], more: false, answering: "assistant", name: "", status: "open",
    isConnected: true, typing: "", isLoaded: false, queue: [],
  }; // prettier-ignore
  let stream = null;
  let flushing = false;
  let starting = null;
  let typingEnds = 0;
  const kept = memory.get;

  const isExpired = () => kept().expires && Date.parse(kept().expires) < Date.now();
  // Who has signed out, or signed in as somebody else, must not find the talk of the one before.
  if (kept().token && kept().who && kept().who !== who) memory.forget();
  if (isExpired()) memory.save({ token: "", conversation: "", last: "", seen: "" });
  state.queue = (kept().queue || []).map((one) => ({ ...one }));

  const keepQueue = () => memory.save({ queue: state.queue });

  // One start at a time; with an old token of nobody's, signing in keeps the talk.
  const start = () => {
    starting ||= line
      .ask("conversations", {
        token: kept().token,
        body: { language: settings.language, ...(identity ? { identity, continue: true } : {}) },
      })
      .then((started) => {
        const isSame = started.conversation === kept().conversation;
        memory.save({
          token: started.token, conversation: started.conversation, expires: started.expires_at, who,
          ...(isSame ? {} : { last: "", seen: "" }),
        }); // prettier-ignore
      })
      .finally(() => (starting = null));
    return starting;
  };

  const ready = async () => {
    if (!kept().token || isExpired() || kept().who !== who) await start();
  };

  const add = (message, { isNew } = {}) => {
    if (isNew) memory.save({ last: message.id, at: Date.now() });
    if (message.client_id) {
      state.queue = state.queue.filter((one) => one.id !== message.client_id);
      keepQueue();
    }
    if (state.messages.some((one) => one.id === message.id)) return;
    state.messages.push(message);
    // ids are version 7 UUIDs, but only the server's order counts: created_at, then as they came
    state.messages.sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0));
    if (message.author !== "customer") state.typing = "";
  };

  const stand = (conversation) => {
    state.answering = conversation.answering;
    state.name = conversation.name;
    state.status = conversation.status;
    if (conversation.answering !== "assistant" && state.typing === "assistant") state.typing = "";
  };

  const load = async () => {
    const page = await line.ask("messages", { token: kept().token });
    page.messages.forEach((message) => add(message));
    state.more = page.more;
    stand(page.conversation);
    const newest = page.messages.at(-1);
    if (newest) memory.save({ last: newest.id });
    state.isLoaded = true;
    draw();
  };

  // Whether Kefu could be reached.
  const fetchNew = async () => {
    try {
      const page = await line.ask(`messages?after=${kept().last}`, { token: kept().token });
      page.messages.forEach((message) => heard("message", message));
      heard("conversation", page.conversation);
      setConnected(true);
      return true;
    } catch (refusal) {
      setConnected(refusal instanceof Refused && refusal.status < 500);
      return false;
    }
  };

  const older = async () => {
    const page = await line.ask(`messages?before=${state.messages[0].id}`, { token: kept().token });
    page.messages.forEach((message) => add(message));
    state.more = page.more;
    draw();
  };

  const showTyping = (by, seconds) => {
    state.typing = by;
    clearTimeout(typingEnds);
    typingEnds = setTimeout(() => {
      state.typing = "";
      draw();
    }, seconds * 1000);
  };

  const heard = (event, data) => {
    if (event === "message") add(data, { isNew: true });
    else if (event === "conversation") stand(data);
    else if (event === "typing") showTyping(data.by, 6);
    draw();
  };

  const setConnected = (isConnected) => {
    if (state.isConnected === isConnected) return;
    state.isConnected = isConnected;
    if (isConnected) flush();
    draw();
  };

  const listen = () => {
    stream ||= streamOf({
      url: settings.events_url,
      token: () => kept().token,
      after: () => kept().last,
      heard,
      opened: () => setConnected(true),
      broken: fetchNew,
      refused: async (refusal) => {
        stream = null;
        if (refusal.status === 401) await renew();
        else problem(refusal);
      },
    });
  };

  // The token has had its day: a signed-in customer gets a new one, everybody else a new talk.
  const renew = async () => {
    memory.save({ token: "", ...(identity ? {} : { conversation: "", last: "", seen: "" }) });
    if (!identity) state.messages = [];
    await ready().then(() => kept().last && listen(), () => setConnected(false));
    draw();
  };

  // Before the first message only a signed-in customer has something to fetch: the talk of another device.
  const connect = async () => {
    if (!kept().token && !(identity && isOpen())) return;
    try {
      await ready();
      await load();
      if (state.messages.length) listen();
      flush();
    } catch (refusal) {
      if (refusal.status === 401) return renew();
      setConnected(false);
      await pause(4000);
      return connect();
    }
  };

  const say = (text, { choice = "", files = [] } = {}) => {
    const page = location.href.split("#")[0].slice(0, 2000);
    state.queue.push({ id: newId(), text, choice, files, page, at: new Date().toISOString() });
    keepQueue();
    draw();
    flush();
  };

  // In order, one at a time; the id makes a repeated one the same message.
  const flush = async () => {
    if (flushing) return;
    flushing = true;
    try {
      for (let next; (next = state.queue.find((one) => !one.failed)); ) {
        if (!(await sendOne(next))) break;
      }
    } finally {
      flushing = false;
    }
  };

  const sendOne = async (next) => {
    try {
      await ready();
      const { id, text, choice, files, page } = next;
      const body = { id, text, choice, files: files.map((file) => file.id), page };
      const answer = await line.ask("messages", { token: kept().token, body });
      if (answer.conversation.answering === "assistant") showTyping("assistant", 20);
      add(answer.message);
      stand(answer.conversation);
      // the stream goes on after this message, so that no answer falls between
      if (!kept().last) memory.save({ last: answer.message.id });
      memory.save({ at: Date.now() });
      setConnected(true);
      listen();
      draw();
      return true;
    } catch (refusal) {
      return putOff(next, refusal);
    }
  };

  const putOff = async (next, refusal) => {
    if (refusal.status === 401) {
      memory.save({ token: "" });
      if (next.renewed) next.failed = true;
      next.renewed = true;
      return true;
    }
    if (refusal.status === 429) {
      problem(refusal);
      await pause((refusal.wait || 2) * 1000);
      return true;
    }
    if (refusal instanceof Refused && refusal.status < 500) {
      next.failed = true;
      keepQueue();
      problem(refusal);
      draw();
      return true;
    }
    setConnected(false);
    setTimeout(flush, 5000);
    return false;
  };

  const retry = (one) => {
    one.failed = false;
    flush();
    draw();
  };
  const discard = (one) => {
    state.queue = state.queue.filter((other) => other !== one);
    keepQueue();
    draw();
  };

  const unread = () => {
    const seen = state.messages.findIndex((one) => one.id === kept().seen);
    return state.messages.slice(seen + 1).filter((one) => one.author !== "customer").length;
  };

  let reading = 0;
  const markRead = () => {
    const newest = state.messages.at(-1);
    if (!newest || newest.id === kept().seen) return;
    memory.save({ seen: newest.id });
    clearTimeout(reading);
    reading = setTimeout(() => line.ask("read", { token: kept().token, body: {} }).catch(() => {}), 400);
  };

  let told = 0;
  const tellTyping = () => {
    if (!stream || Date.now() - told < 4000) return;
    told = Date.now();
    line.ask("typing", { token: kept().token, body: {} }).catch(() => {});
  };

  const again = () => {
    if (stream) stream.stop();
    stream = null;
    memory.forget();
    Object.assign(state, { messages: [], more: false, answering: "assistant", name: "", status: "open", queue: [] });
    draw();
  };

  addEventListener("online", () => {
    if (stream) stream.again();
    flush();
  });
  addEventListener("offline", () => setConnected(false));
  // A page in the background for long gives its connection back and resumes when it is looked at.
  let hiding = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (!document.hidden) return void (!stream && state.messages.length && listen());
    hiding = setTimeout(() => {
      if (stream) stream.stop();
      stream = null;
    }, 10 * 60 * 1000);
  });
  memory.whenOtherTabChanges((found) => {
    if (found.token && !stream && found.last) connect();
  });

  return { state, connect, ready, say, retry, discard, older, unread, markRead, tellTyping, again, token: () => kept().token };
};
