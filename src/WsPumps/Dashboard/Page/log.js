// What has happened to connections: the newest first.
import { byId, element, keep } from "./dom.js";
import { time } from "./format.js";
import { connectionLink } from "./table.js";
import { shown } from "./text.js";

export class LogView {
  #timer;

  constructor(changed) {
    byId("log-search").addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(changed, 250);
    });
  }

  get query() {
    return { view: "log", search: byId("log-search").value };
  }

  show({ log }) {
    byId("no-log").hidden = log.length > 0;
    byId("no-log").textContent = byId("log-search").value ? "No event matches." : "Nothing has happened yet.";
    showEvents(byId("log"), log);
  }
}

/** @param isOfOne whether all are of one connection, which need not be named then. */
export function showEvents(list, events, isOfOne = false) {
  keep(list, events, (happened) => happened.number, (happened) => {
    const who = isOfOne ? [] : [connectionLink(happened.connection), ...(happened.user ? [shown(happened.user)] : [])];
    const item = element("li", `event ${happened.severity}`, element("time", "", time(happened.at)),
      element("span", `badge ${happened.severity}`, happened.kind), ...who, shown(happened.text, { className: "name wide" }));
    item.dataset.testid = "event";
    return item;
  });
}
