// The event stream. It carries ids only; what they mean is fetched from the desk, which checks who may see it.
import { facts, piece } from "./page.js";

export function listen(address, { changed, resumed, presence }) {
  const light = document.getElementById("live");
  let wait = 1000;
  let wasLost = false;

  function show(state) {
    light.dataset.state = state;
    light.querySelector(".live-word").textContent = state === "live" ? facts.words.live : facts.words.reconnecting;
  }

  function open() {
    const stream = new EventSource(address);
    stream.onopen = () => {
      show("live");
      wait = 1000;
      if (wasLost) resumed();
      wasLost = false;
    };
    const heard = (event) => {
      let told;
      try { told = JSON.parse(event.data); } catch { return; }
      if (told.type && told.by !== undefined) presence(told);
      else if (told.conversation) changed(told.conversation, told.kind ?? "");
    };
    stream.addEventListener("change", heard);
    stream.addEventListener("presence", heard);
    stream.addEventListener("reset", resumed);
    stream.onerror = () => {
      // our own pause, longer each time: a restarted server is not met by every desk at once
      stream.close();
      wasLost = true;
      show("reconnecting");
      setTimeout(reopen, wait * (0.7 + Math.random() * 0.6));
      wait = Math.min(wait * 2, 15000);
    };
  }

  /** The token in the address lasts half a day and knows today's seats: ask for a new one each time. */
  async function reopen() {
    const fresh = await piece("/desk/stream/");
    if (fresh) address = fresh;
    open();
  }

  open();
}
