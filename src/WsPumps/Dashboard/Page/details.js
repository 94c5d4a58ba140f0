// Pages for one connection and for one group.
import { Chart } from "./charts.js";
import { byId, element, keep, put } from "./dom.js";
import { age, milliseconds, none, number, size, time } from "./format.js";
import { kickButton } from "./kick.js";
import { showEvents } from "./log.js";
import { ConnectionTable, groupLink, stateBadge, stateText } from "./table.js";
import { explained, whyEnded } from "./terms.js";
import { shown } from "./text.js";

/** @param facts pairs of a name and a text, or nodes. */
export function showFacts(list, facts) {
  keep(list, facts, ([name]) => name, ([name]) => {
    const [term, meaning] = explained(name, undefined, "dd");
    return element("div", "fact", element("dt", "", term), element("dd"), meaning);
  }, (fact, [, value, key]) => put(fact.children[1], key ?? String(value), value));
}

/** What the log still knows of a connection that has ended. */
function storyOf(events) {
  const [opened, ended] = ["opened", "ended"].map((kind) => events.findLast((happened) => happened.kind === kind));
  const [reason, ...rest] = ended?.text.split(", ") ?? [];
  const user = events.findLast((happened) => happened.user)?.user;
  const groups = [...new Set(events.filter((happened) => happened.kind === "joined").map((happened) => happened.text))];
  return [
    ...(ended ? [["Ended", time(ended.at)], ["Why", `${reason}. ${whyEnded(reason, ended.severity)}`], ["With", rest.join(", ")]] : []),
    ...(opened ? [["Opened", time(opened.at)], text("Endpoint", opened.text)] : []),
    ...(user ? [text("User", user)] : []),
    ...(groups.length ? [["Was in", element("span", "names", ...groups.map((group) => groupLink(group))), groups.join("\0")]] : []),
  ];
}

const text = (name, value) => [name, value == null || value === "" ? none : shown(value, { whole: true }), value ?? ""];

export class ConnectionView {
  #send;
  #chart = new Chart(byId("round-trips"), {
    label: "Round trips of this connection", format: milliseconds, lines: [{ style: "plain", of: (point) => point.milliseconds }],
  });

  constructor(send) {
    this.#send = send;
  }

  show({ connection, at }) {
    const { id, isOpen, row, handshake, statistics } = connection;
    put(byId("connection-title"), id, shown(id, { whole: true }));
    put(byId("connection-state"), row ? stateText(row) : "", row ? stateBadge(row) : element("span", "badge none", "ended"));
    put(byId("connection-kick"), `${isOpen} ${id} ${row?.user}`, isOpen ? [kickButton(this.#send, "connection", id),
      ...(row.user == null ? [] : [kickButton(this.#send, "user", row.user, "Kick all of this user")])] : []);
    showFacts(byId("connection-facts"), [
      text("User", row?.user),
      text("Name", connection.name),
      text("Endpoint", handshake?.endpoint),
      text("Path", handshake?.path),
      text("Address", handshake?.address),
      text("Protocol", handshake?.protocol),
      text("Subprotocol", connection.subProtocol),
      text("Origin", handshake?.origin),
      text("User agent", handshake?.userAgent),
    ]);
    const story = isOpen ? [] : storyOf(connection.events);
    showFacts(byId("connection-story"), story);
    byId("connection-past").hidden = story.length === 0;
    byId("connection-now").hidden = !isOpen;
    showFacts(byId("connection-figures"), !isOpen ? [] : [
      ["Age", row.age == null ? none : age(row.age)],
      ["Last heard of", time(Date.parse(statistics.lastReceivedAt))],
      ["Queued", `${number(row.queuedMessages)} · ${size(row.queuedBytes)}`],
      ["Waiting for room", number(statistics.waitingMessages)],
      ["Sent", `${number(row.sent)} · ${size(statistics.bytesSent)}`],
      ["Received", `${number(row.received)} · ${size(statistics.bytesReceived)}`],
      ["Dropped", number(row.dropped)],
      ["Writes", statistics.writesDirectly ? "straight to the socket" : "through the server"],
    ]);
    byId("no-groups").hidden = connection.groups.length > 0;
    keep(byId("connection-groups"), connection.groups, (group) => group, (group) => element("li", "", groupLink(group)));
    this.#chart.show(connection.roundTrips, at - 10 * 60_000, at);
    byId("connection-ended").hidden = isOpen;
    byId("connection-ended").textContent = connection.events.length
      ? "This connection has ended. This is what the log still knows of it."
      : "No connection of this id is open, and the log knows nothing of one.";
    byId("no-events").hidden = connection.events.length > 0;
    showEvents(byId("connection-events"), connection.events.toReversed(), true);
  }
}

export class GroupView {
  #send;
  #table;

  constructor(send, changed) {
    this.#send = send;
    this.#table = new ConnectionTable(byId("members"), send, changed);
  }

  get query() {
    return this.#table.query;
  }

  first() {
    this.#table.first();
  }

  show({ group, table }) {
    put(byId("group-title"), group.name, shown(group.name, { whole: true }));
    put(byId("group-kick"), `${group.members > 0} ${group.name}`,
      group.members ? [kickButton(this.#send, "group", group.name, "Kick all members")] : []);
    showFacts(byId("group-facts"), [
      ["Members", number(group.members)],
      ["Users", number(group.users)],
      ["Queued", `${number(group.queuedMessages)} · ${size(group.queuedBytes)}`],
      ["Dropped", number(group.dropped)],
    ]);
    this.#table.show(table, "Nobody is in this group.");
  }
}
