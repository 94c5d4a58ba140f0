// A table of connections: a page of rows at a time, sorted and filtered by the server.
import { element, keep, put } from "./dom.js";
import { age, milliseconds, none, number, size } from "./format.js";
import { kickButton } from "./kick.js";
import { shown } from "./text.js";

const nothing = () => element("span", "quiet", none);
const name = (text) => (text == null ? nothing() : shown(text));
const columns = [
  ["id", "Connection", "id", (row) => row.id, (row) => connectionLink(row.id)],
  ["user", "User", "user", (row) => row.user ?? "", (row) => name(row.user)],
  ["endpoint", "Endpoint", "endpoint", (row) => row.endpoint ?? "", (row) => name(row.endpoint)],
  ["address", "Address", "address", (row) => row.address ?? "", (row) => name(row.address)],
  ["groups", "Groups", "groups", (row) => `${row.groupCount} ${row.groups.join("\0")}`, (row) => groupLinks(row)],
  ["state", "State", "state-of", (row) => stateText(row), (row) => stateBadge(row)],
  ["age", "Age", "number", (row) => (row.age == null ? none : age(row.age))],
  ["roundTrip", "Round trip", "number", (row) => (row.roundTrip == null ? none : milliseconds(row.roundTrip))],
  ["queued", "Queued", "number queued", (row) => `${number(row.queuedMessages)} · ${size(row.queuedBytes)}`],
  ["sent", "Sent", "number", (row) => number(row.sent)],
  ["received", "Received", "number", (row) => number(row.received)],
  ["dropped", "Dropped", "number dropped", (row) => number(row.dropped)],
];

export const connectionLink = (id) => link(`#/connection/${encodeURIComponent(id)}`, id, "id");
export const groupLink = (group) => link(`#/group/${encodeURIComponent(group)}`, group);

export const stateText = (row) => (row.state === "unanswered" ? `no answer for ${row.unansweredFor} s` : row.state);
export const stateBadge = (row) => element("span", `badge ${row.state}`, stateText(row));

function link(address, text, className = "") {
  const created = element("a", className, shown(text));
  created.href = address;
  return created;
}

function groupLinks(row) {
  if (!row.groupCount)
    return nothing();

  const links = row.groups.slice(0, 3).map(groupLink);
  return row.groupCount > links.length ? [...links, element("span", "quiet", `+${row.groupCount - links.length}`)] : links;
}

export class ConnectionTable {
  #send;
  #changed;
  #head;
  #rows;
  #empty;
  #pager;
  #sort = { by: undefined, descending: false };
  #page = 0;
  #pages = 1;

  /** @param changed called when other rows are wanted. */
  constructor(host, send, changed) {
    this.#send = send;
    this.#changed = changed;
    this.#head = element("tr", "");
    for (const [key, title, style] of columns)
      this.#head.append(this.#heading(key, title, style.includes("number")));
    this.#head.append(element("th", "", element("span", "unseen", "Action")));
    this.#rows = element("tbody");
    this.#empty = element("p", "empty");
    this.#empty.dataset.testid = "empty";
    // Nothing is known yet.
    this.#empty.hidden = true;
    this.#pager = this.#makePager();
    const scroll = element("div", "scroll", element("table", "", element("thead", "", this.#head), this.#rows), this.#empty);
    host.append(this.#makeSorter(), scroll, this.#pager);
  }

  get query() {
    return { sort: this.#sort.by, descending: this.#sort.descending, page: this.#page };
  }

  first() {
    this.#page = 0;
  }

  /** @param why what to say where there are no rows. */
  show(table, why) {
    [this.#page, this.#pages] = [table.page, table.pages];
    this.#empty.hidden = table.rows.length > 0;
    this.#empty.textContent = why;
    keep(this.#rows, table.rows, (row) => row.id, (row) => this.#create(row), fill);
    this.#pager.hidden = table.pages < 2;
    this.#pager.querySelector("span").textContent = `Page ${table.page + 1} of ${table.pages}`;
    this.#pager.firstChild.disabled = table.page === 0;
    this.#pager.lastChild.disabled = table.page >= table.pages - 1;
  }

  #heading(key, title, isNumber) {
    const button = element("button", "sort", title);
    button.type = "button";
    const heading = element("th", isNumber ? "number" : "", button);
    heading.scope = "col";
    heading.dataset.key = key;
    // Numbers are looked at from the largest down.
    button.addEventListener("click", () => this.#sortBy(key, this.#sort.by === key ? !this.#sort.descending : isNumber));
    return heading;
  }

  #sortBy(key, descending) {
    this.#sort = { by: key || undefined, descending };
    this.#page = 0;
    for (const heading of this.#head.children) {
      heading.removeAttribute("aria-sort");
      if (heading.dataset.key === key)
        heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    }

    this.#changed();
  }

  /** For a phone, where the table has no headings. */
  #makeSorter() {
    const select = element("select", "", new Option("fullest queues first", ""));
    for (const [key, title, style] of columns)
      select.append(new Option(title.toLowerCase() + (style.includes("number") ? ", most first" : ""), key));
    select.addEventListener("change", () =>
      this.#sortBy(select.value, columns.some(([key, , style]) => key === select.value && style.includes("number"))));
    return element("label", "sorter", "Sort by ", select);
  }

  #makePager() {
    const turn = (label, by) => {
      const button = element("button", "", label);
      button.type = "button";
      button.addEventListener("click", () => {
        this.#page = Math.min(this.#pages - 1, Math.max(0, this.#page + by));
        this.#changed();
      });
      return button;
    };
    const pager = element("nav", "pager", turn("Previous", -1), element("span"), turn("Next", 1));
    pager.setAttribute("aria-label", "Pages of the table");
    return pager;
  }

  #create(row) {
    const created = element("tr");
    created.dataset.testid = "row";
    for (const [, title, style] of columns) {
      const cell = element("td", style);
      cell.dataset.name = title;
      created.append(cell);
    }

    created.append(element("td", "action", kickButton(this.#send, "connection", row.id)));
    return created;
  }
}

function fill(created, row) {
  columns.forEach(([, , , key, content], i) => put(created.children[i], key(row), content ? content(row) : key(row)));
  created.querySelector(".queued").classList.toggle("warning", row.queuedMessages > 0);
  created.querySelector(".dropped").classList.toggle("bad", row.dropped > 0);
}
