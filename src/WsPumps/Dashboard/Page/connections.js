// All connections, with filters.
import { byId, keep } from "./dom.js";
import { number } from "./format.js";
import { ConnectionTable } from "./table.js";

const filters = ["search", "endpoint", "user", "group", "address", "state"];

export class ConnectionsView {
  #table;
  #timer;

  constructor(send, changed) {
    this.#table = new ConnectionTable(byId("table"), send, changed);
    for (const name of filters) {
      byId(`filter-${name}`).addEventListener("input", () => {
        this.#table.first();
        // Not for each key: the server answers five questions a second.
        clearTimeout(this.#timer);
        this.#timer = setTimeout(changed, 250);
      });
    }

    byId("filters").addEventListener("reset", () => setTimeout(changed));
  }

  get query() {
    const query = { view: "connections", ...this.#table.query };
    for (const name of filters)
      query[name] = byId(`filter-${name}`).value;
    return query;
  }

  show({ table, connections }) {
    byId("shown").textContent = table.rows.length < table.matching
      ? `${table.rows.length} of ${number(table.matching)}` : `${table.matching}`;
    keep(byId("endpoints"), table.endpoints, (endpoint) => endpoint.name, (endpoint) => new Option("", endpoint.name),
      (option, endpoint) => (option.textContent = `${endpoint.name} (${endpoint.count})`));
    this.#table.show(table, connections ? "No connection matches." : "Nobody is connected. Connections appear here as they come.");
  }
}
