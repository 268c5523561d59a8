// What tests/system/test_node_client.py has this client do: argument 1 is where the daemon is, as JSON; it prints what it saw, as JSON.

import { Client, Refused, onTheNetwork, onThisMachine } from "./masterd.mjs";

const CEILING = "limiter.ceiling_dbtp";
const { host, port, keys, folder, name, ceiling } = JSON.parse(process.argv[2]);
const client = new Client(host ? onTheNetwork(host, port, keys) : onThisMachine(folder, name), "node tour");

async function refusal(work) {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refused) return { code: error.code, parameter: error.parameter };
    throw error;
  }
}

async function heard(events, wanted) {
  for (let seen = []; ; ) {
    const { value } = await events.next();
    seen.push(value.type);
    if (wanted(value)) return { value, seen };
  }
}

async function tour() {
  const [described] = (await client.ask("describe", { ids: [CEILING] })).result;
  const events = client.follow();
  const snapshot = (await events.next()).value;
  await heard(events, ({ type }) => type === "heartbeat"); // the subscription has arrived
  const many = await Promise.all(Array.from({ length: 50 }, () => client.ask("get", { ids: ["eq.on", CEILING] })));
  const set = await client.ask("set", { values: { [CEILING]: ceiling }, glide_ms: 5, if_revision: snapshot.revision });
  const changed = await heard(events, ({ type }) => type === "changed");
  const got = (await client.ask("get", { ids: [CEILING] })).result;
  const refused = await refusal(client.ask("set", { values: { "limiter.drive_db": 3, [CEILING]: 3 } }));
  const unknown = await refusal(client.ask("set", { valeus: {} }));
  const who = (await client.ask("whoami")).result;
  const meters = client.meters();
  const frames = [(await meters.next()).value, (await meters.next()).value];
  await Promise.all([events.return(), meters.return()]);
  return {
    described,
    boot_id: snapshot.boot_id,
    parameters: Object.keys(snapshot.values).length,
    answers: many.length,
    set,
    changed: changed.value,
    got,
    refused,
    unknown,
    who,
    meters: { seqs: frames.map(({ seq }) => seq), keys: Object.keys(frames[0]), point: frames[0].output },
  };
}

try {
  console.log(JSON.stringify(await tour()));
} catch (error) {
  console.log(JSON.stringify({ trouble: error.message }));
  process.exitCode = 1;
} finally {
  client.close();
}
