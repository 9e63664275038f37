// Keeps "12m" true while the page stays open, in the words of the interface language.
export function keepMomentsFresh(language, words) {
  const locale = language === "en" ? "en-GB" : language;
  const said = {};
  for (const unit of ["minute", "hour", "day"]) said[unit] = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "narrow" });

  function since(seconds) {
    if (seconds < 60) return words.now;
    if (seconds < 3600) return said.minute.format(Math.floor(seconds / 60));
    if (seconds < 86400) return said.hour.format(Math.floor(seconds / 3600));
    return said.day.format(Math.floor(seconds / 86400));
  }

  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-since]")) {
      const seconds = Math.abs(Date.now() - Date.parse(time.dateTime)) / 1000;
      const text = since(time.dataset.since === "wait" ? Math.max(60, seconds) : seconds);
      if (time.textContent !== text) time.textContent = text;
    }
  }, 20000);
}
