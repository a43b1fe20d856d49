// A real PouchDB against a real box: what the Go test beside it asks for.
//
//   node pouchdb.mjs DATABASE_URL FOLDER COUNT
//
// Mints COUNT revisions of a page each and one edit that contradicts the page
// Shared's second revision, replicates them to the box, sends forged documents,
// replicates everything back into a second database, then lets the first follow
// the box live while both are written to, and prints what happened as one JSON
// object.
import { createHash, randomBytes } from "node:crypto";
import PouchDB from "pouchdb";

const [url, folder, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const sha256 = (...parts) => {
  const h = createHash("sha256");
  for (const p of parts) h.update(p);
  return h.digest("hex");
};

function canonical(v) {
  if (Array.isArray(v)) return "[" + v.map(canonical).join(",") + "]";
  if (v !== null && typeof v === "object") {
    return "{" + Object.keys(v).filter((n) => !n.startsWith("_")).sort()
      .map((n) => JSON.stringify(n) + ":" + canonical(v[n])).join(",") + "}";
  }
  return JSON.stringify(v);
}

function mint(page, content, parents = []) {
  const body = { type: "text/markdown", comment: "written offline", content };
  const salt = randomBytes(32);
  const header = {
    author: "pouch", kind: "edit", page, parents: [...parents].sort(), time: Date.now(), token: "",
    body: sha256(salt, canonical(body)),
  };
  const id = sha256(canonical(header));
  return { _id: "rev:" + id, _rev: "1-" + id.slice(0, 32), header, body, salt: salt.toString("hex") };
}

const local = new PouchDB(folder + "/local"), copy = new PouchDB(folder + "/copy");
const base = process.argv[5];
const offline = mint("Shared", "offline\n", base ? [base] : []);
const docs = Array.from({ length: count }, (_, i) => mint(`pouch/page ${i} 漢 %`, `text ${i}\n`.repeat(20)));
await local.bulkDocs([...docs, offline], { new_edits: false });

let start = Date.now();
const push = await local.replicate.to(url, { batch_size: 1000 });
const pushSeconds = (Date.now() - start) / 1000;

const forged = [
  (d) => { d.body.content = "forged"; },
  (d) => { d.header.author = "somebody else"; },
  (d) => { d._id = "rev:" + "0".repeat(64); },
  (d) => { d._id = "note:1"; },
  (d) => { d.header.page = "../etc/passwd"; },
].map((spoil, i) => { const d = mint("Forged " + i, "x"); spoil(d); d._rev = "1-" + "a".repeat(32); return d; });
const remote = new PouchDB(url);
const refused = await remote.bulkDocs(forged, { new_edits: false });

start = Date.now();
const pull = await copy.replicate.from(url, { batch_size: 1000 });
const pullSeconds = (Date.now() - start) / 1000;
const again = await copy.replicate.from(url);

const rows = (await copy.allDocs({ include_docs: true })).rows;
let broken = 0;
for (const { doc } of rows) if ("rev:" + sha256(canonical(doc.header)) !== doc._id) broken++;

// Live: a save on the box reaches the database, a revision minted in the
// database reaches the box, without anybody asking.
const liveCount = 50;
const live = local.sync(url, { live: true, retry: true });
const arrived = new Set();
live.on("change", ({ direction, change }) => { if (direction === "pull") for (const d of change.docs) arrived.add(d._id); });
const until = async (test) => { for (const end = Date.now() + 60_000; Date.now() < end && !(await test());) await new Promise((r) => setTimeout(r, 20)); };
const saved = [], minted = [];
for (let i = 0; i < liveCount; i++) {
  const answer = await fetch(new URL(`/raw/live ${i}`, url), { method: "PUT", headers: { "If-None-Match": "*" }, body: `live ${i}` });
  saved.push("rev:" + (await answer.json()).revision);
  const doc = mint(`pouch/live ${i}`, `live ${i}`);
  await local.bulkDocs([doc], { new_edits: false });
  minted.push(doc._id);
}
await until(async () => saved.every((id) => arrived.has(id)));
let livePushed = [];
await until(async () => {
  livePushed = (await remote.allDocs({ keys: minted })).rows.filter((row) => row.value);
  return livePushed.length === minted.length;
});
live.cancel();

console.log(JSON.stringify({
  live: liveCount, livePulled: saved.filter((id) => arrived.has(id)).length, livePushed: livePushed.length,
  pushed: push.docs_written, pushFailures: push.doc_write_failures, pushSeconds,
  refused: refused.filter((r) => r.error || r.name).length, forged: forged.length,
  pulled: pull.docs_written, pullSeconds, again: again.docs_written, held: rows.length, broken,
  offline: offline._id,
}));
process.exit(0);
