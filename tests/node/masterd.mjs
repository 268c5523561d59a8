// A client of masterd, written from docs/protocol.md and nothing else. The numbers in comments are its sections.

import { decode } from "@msgpack/msgpack";
import { Dealer, Subscriber } from "zeromq";

const SILENCE_MS = 3500; // 4: no event for so long, and the daemon is gone
const METERS_TOPIC = "meters"; // 6

/** Where a daemon is: { ctl, events, meters } as ZeroMQ addresses, and `keys` for those on the network (1). */
export function onTheNetwork(host, port, keys) {
  const at = (offset) => `tcp://${host}:${port + offset}`;
  return { ctl: at(0), events: at(1), meters: at(2), keys };
}

export function onThisMachine(folder, name) {
  const at = (socket) => `ipc://${folder}/${name}/${socket}`;
  return { ctl: at("ctl"), events: at("events"), meters: at("meters"), keys: {} };
}

const curve = ({ server, publicKey, secretKey }) =>
  server ? { curveServerKey: server, curvePublicKey: publicKey, curveSecretKey: secretKey } : {};

/** A request that was refused (5). */
export class Refused extends Error {
  constructor({ code, message, parameter }) {
    super(message);
    Object.assign(this, { code, parameter });
  }
}

export class Client {
  #waiting = new Map();
  #lastId = 0;

  constructor(where, origin = "node") {
    this.where = where;
    this.origin = origin;
    this.ctl = new Dealer({ linger: 0, ...curve(where.keys) });
    this.trouble = new Promise((_, reject) => {
      // 1: what the monitor says tells which trouble it is
      this.ctl.events.on("handshake:error:auth", () => reject(new Error("the daemon does not trust this key")));
      this.ctl.events.on("handshake:error:other", () => reject(new Error("the server key is not this daemon's")));
    });
    this.trouble.catch(() => {});
    this.ctl.connect(where.ctl);
    this.#read();
  }

  async #read() {
    for await (const frames of this.ctl) {
      const answer = JSON.parse(frames.at(-1));
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    }
  }

  /** The result of an operation and the revision after it (2). */
  async ask(op, fields = {}) {
    const id = ++this.#lastId;
    const answered = new Promise((resolve) => this.#waiting.set(id, resolve));
    await Promise.race([this.ctl.send(["", JSON.stringify({ op, id, origin: this.origin, ...fields })]), this.trouble]);
    const answer = await Promise.race([answered, this.trouble]);
    if (!answer.ok) throw new Refused(answer.error);
    return { result: answer.result, revision: answer.revision };
  }

  /** Snapshots, and events in order without a gap (4). */
  async *follow() {
    const events = new Subscriber({ receiveTimeout: SILENCE_MS, ...curve(this.where.keys) });
    events.connect(this.where.events);
    events.subscribe("");
    try {
      for (let state = null; ; ) {
        if (!state) {
          state = (await this.ask("snapshot")).result;
          yield { type: "snapshot", ...state };
        }
        const event = JSON.parse((await events.receive()).at(-1));
        if (event.boot_id !== state.boot_id || event.seq > state.seq + 1) {
          state = null;
        } else if (event.seq === state.seq + 1) {
          state.seq = event.seq;
          yield event;
        }
      }
    } finally {
      events.close();
    }
  }

  /** The newest meters, whenever they are asked for (6). */
  async *meters() {
    const meters = new Subscriber({ conflate: true, ...curve(this.where.keys) });
    meters.connect(this.where.meters);
    meters.subscribe(METERS_TOPIC);
    try {
      for await (const [frame] of meters) yield decode(frame.subarray(METERS_TOPIC.length));
    } finally {
      meters.close();
    }
  }

  close() {
    this.ctl.close();
  }
}
