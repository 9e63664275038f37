// Pictures and files on their way up: checked here first, sent at once, shown with their progress.

const filesFor = ({ line, talk, limits, draw, complain }) => {
  let chosen = [];

  const add = (list) => {
    for (const file of list) {
      if (chosen.length >= limits.files) return complain("error.too_many_files", { limit: limits.files });
      if (file.size > limits.file_bytes) {
        complain("error.file_too_large", { name: file.name, megabytes: limits.file_bytes / 1048576 });
      } else if (file.type && !limits.file_types.includes(file.type) && file.type !== "video/quicktime") {
        complain("error.file_type", { name: file.name });
      } else {
        send(file);
      }
    }
  };

  const send = async (file) => {
    const one = { key: newId(), name: file.name, percent: 0, id: "", preview: "" };
    if (file.type.startsWith("image/")) one.preview = URL.createObjectURL(file);
    chosen.push(one);
    draw();
    try {
      await talk.ready();
      const stored = await line.upload(file, talk.token(), (percent) => {
        one.percent = percent;
        draw();
      });
      Object.assign(one, { ...stored, percent: 100 });
    } catch (refusal) {
      const isWrong = refusal.status === 415 || refusal.status === 413;
      complain(isWrong ? "error.file_type" : "error.generic", { name: file.name });
      remove(one);
    }
    draw();
  };

  const remove = (one) => {
    chosen = chosen.filter((other) => other !== one);
    if (one.preview) URL.revokeObjectURL(one.preview);
    draw();
  };

  // What is ready goes out with the message.
  const take = () => {
    const ready = chosen;
    chosen = [];
    return ready.map(({ id, name, type, size }) => ({ id, name, type, size }));
  };

  const isBusy = () => chosen.some((one) => !one.id);
  return { add, remove, take, isBusy, all: () => chosen };
};

// A file that came: only with the token, so it is fetched and shown from memory.
const shownFile = (file, { line, talk, t, language }) => {
  const download = async () => {
    const address = URL.createObjectURL(await line.bytes(file.id, talk.token()));
    el("a", { href: address, download: file.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };
  const label = t("file.download", { name: file.name });
  const button = el("button", { type: "button", class: "file", "aria-label": label, onclick: download });
  const asName = () => button.replaceChildren(icon("file"), el("span", {}, file.name), el("small", {}, humanSize(file.size, language)));
  asName();
  if (file.type.startsWith("image/")) {
    line.bytes(file.id, talk.token()).then((blob) => {
      const picture = el("img", { src: URL.createObjectURL(blob), alt: t("file.image", { name: file.name }) });
      picture.onerror = asName; // a page's own rules may forbid pictures from memory
      button.replaceChildren(picture);
      button.classList.add("picture");
    }, () => {});
  }
  return button;
};
