// The process and, where there is one, the cluster it belongs to.
import { byId, element, keep, put } from "./dom.js";
import { showFacts } from "./details.js";
import { age, milliseconds, none, number, percent, size } from "./format.js";
import { kickButton } from "./kick.js";
import { plain, shown } from "./text.js";

export function showNode({ node }) {
  showFacts(byId("node-facts"), [
    ["Machine", shown(node.machine, { whole: true }), node.machine],
    ["Process", String(node.processId)],
    ["Runtime", node.runtime],
    ["System", node.system],
    ["Uptime", age(node.uptime)],
    ["Processors", `${percent(node.processor)} of ${node.processors}`],
    ["Memory", size(node.memory)],
    ["Heap", `${size(node.heap)}, ${node.serverGc ? "server" : "workstation"} GC`],
    ["Allocated since the start", size(node.allocated)],
    ["Collections", `${node.collections.map(number).join(" / ")} of generation 0 / 1 / 2`],
    ["Pauses", `${percent(node.pausePercentage)} of the time, ${node.pauseTotal.toFixed(2)} s together`],
    ["Thread pool", `${number(node.threads)} threads, ${number(node.pendingWork)} waiting, ${number(node.completedWork)} done`],
    ["Heartbeat lag", milliseconds(node.lagMilliseconds)],
  ]);
}

export class ClusterView {
  #send;
  #looksFor;
  #looking;

  constructor(send) {
    this.#send = send;
    byId("find").addEventListener("submit", (event) => {
      event.preventDefault();
      const target = this.#target;
      if (!target.name)
        return;

      byId("found-note").textContent = "Asking all servers";
      put(byId("found-kick"), "", []);
      this.#looksFor = target;
      send({ find: target });
    });
  }

  /** After a kick: who is closed is there until it has answered, which takes some seconds at most. */
  findAgain() {
    if (!this.#looksFor)
      return;

    let left = 6;
    clearInterval(this.#looking);
    this.#looking = setInterval(() => {
      this.#send({ find: this.#looksFor });
      if (--left === 0)
        clearInterval(this.#looking);
    }, 1000);
  }

  get #target() {
    return { kind: byId("find-kind").value, name: byId("find-name").value };
  }

  show({ cluster }) {
    if (!cluster)
      return;

    showFacts(byId("cluster-facts"), [
      ["Engine", `${cluster.backplane}, ${cluster.state.toLowerCase()}`],
      ...(cluster.error ? [["Last error", shown(cluster.error, { whole: true }), cluster.error]] : []),
      ["Published", number(cluster.statistics.messagesPublished)],
      ["Received", number(cluster.statistics.messagesReceived)],
      ["Missing", number(cluster.statistics.messagesMissing)],
      ["Outbox", `${number(cluster.statistics.queuedMessages)} · ${size(cluster.statistics.queuedBytes)}, ` +
        `${number(cluster.statistics.messagesDropped)} dropped`],
    ]);
    byId("alone").hidden = !cluster.isAlone;
    const most = Math.max(1, ...cluster.nodes.map((node) => node.connections));
    keep(byId("nodes"), cluster.nodes, (node) => node.id, (node) => {
      const row = element("tr", "", element("td", "server", shown(node.name), node.isSelf ? element("span", "badge", "this one") : ""),
        element("td", "", element("span", "badge")), element("td", "load", element("i"), element("b")),
        element("td", "number"), element("td", "number"));
      ["Server", "State", "Clients", "Uptime", "Heard of"].forEach((title, i) => (row.children[i].dataset.name = title));
      row.dataset.testid = "node";
      row.title = plain(node.id);
      return row;
    }, (row, node) => fillNode(row, node, most));
  }

  showFound({ target, clients, more, missing }) {
    const count = clients.length === 1 ? "1 connection" : `${clients.length} connections`;
    const all = more.length ? `${count}, and more on ${more.map(plain).join(", ")}` : count;
    byId("found-note").textContent = missing.length ? `${all}. No answer from ${missing.map(plain).join(", ")}` : all;
    byId("found-note").className = missing.length ? "lost" : "quiet";
    put(byId("found-kick"), `${target.kind} ${target.name} ${clients.length > 0}`, clients.length
      ? [kickButton(this.#send, target.kind, target.name, `Kick on all servers`)] : []);
    byId("found-table").hidden = clients.length === 0;
    keep(byId("found"), clients, (client) => `${client.node} ${client.id}`, (client) => {
      const row = element("tr", "", element("td", "server", shown(client.node)), element("td", "id", shown(client.id)),
        element("td", "user", client.user == null ? none : shown(client.user)),
        element("td", "groups", ...client.groups.slice(0, 3).map((group) => shown(group)), client.groups.length ? "" : none),
        element("td", "number", client.age == null ? none : age(client.age)), element("td", "number", number(client.queuedMessages)),
        element("td", "action", kickButton(this.#send, "connection", client.id)));
      ["Server", "Connection", "User", "Groups", "Age", "Queued"].forEach((title, i) => (row.children[i].dataset.name = title));
      row.dataset.testid = "found";
      return row;
    });
  }
}

function fillNode(row, node, most) {
  const [, state, load, uptime, heard] = row.children;
  const isLate = !node.isSelf && node.silence > 6;
  const name = node.isDraining ? "draining" : isLate ? "silent" : "there";
  put(state, name, element("span", `badge ${name === "there" ? "fine" : "waiting"}`, name));
  load.querySelector("i").style.width = `${(node.connections / most) * 60}%`;
  put(load.querySelector("b"), node.connections, number(node.connections));
  put(uptime, age(node.age), age(node.age));
  put(heard, node.isSelf ? "now" : age(node.silence), node.isSelf ? "now" : `${Math.round(node.silence)} s ago`);
}
