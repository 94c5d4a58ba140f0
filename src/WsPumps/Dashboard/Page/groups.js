// The groups of this server: the largest first.
import { byId, element, keep, put } from "./dom.js";
import { number } from "./format.js";
import { groupLink } from "./table.js";

export class GroupsView {
  #timer;

  constructor(changed) {
    byId("groups-search").addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(changed, 250);
    });
  }

  get query() {
    return { view: "groups", search: byId("groups-search").value };
  }

  show({ groups }) {
    byId("no-group").hidden = groups.length > 0;
    byId("no-group").textContent = byId("groups-search").value ? "No group matches." : "There are no groups.";
    const most = Math.max(1, ...groups.map((group) => group.count));
    keep(byId("groups"), groups, (group) => group.name,
      (group) => element("li", "ending none", groupLink(group.name), element("i"), element("b")),
      (item, group) => {
        item.querySelector("i").style.width = `${Math.max(2, (group.count / most) * 100)}%`;
        put(item.querySelector("b"), group.count, number(group.count));
      });
  }
}
