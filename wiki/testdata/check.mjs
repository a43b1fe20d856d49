// Reproduces the frozen bytes in vectors.json with nothing but JavaScript's
// own JSON and node's crypto: what a browser needs to verify a wiki by itself.
//
//   node wiki/testdata/check.mjs [vectors.json]
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const path = process.argv[2] ?? new URL("vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8"));
const sha256 = (...parts) => {
  const h = createHash("sha256");
  for (const p of parts) h.update(p);
  return h.digest();
};
const hex = (bytes) => Buffer.from(bytes).toString("hex");

// canonical writes a value by RFC 8785; JavaScript sorts strings by UTF-16
// code units and escapes them as the RFC demands.
function canonical(v) {
  if (Array.isArray(v)) return "[" + v.map(canonical).join(",") + "]";
  if (v !== null && typeof v === "object") {
    const names = Object.keys(v).filter((n) => !n.startsWith("_")).sort();
    return "{" + names.map((n) => JSON.stringify(n) + ":" + canonical(v[n])).join(",") + "}";
  }
  return JSON.stringify(v);
}

// strict tells whether JavaScript's reader gave back all that was written: a
// number with a fraction, a member twice or a lone surrogate does not survive.
function strict(text) {
  let v;
  try { v = JSON.parse(text); } catch { return false; }
  const plain = (x) => {
    if (typeof x === "number") return Number.isSafeInteger(x);
    if (typeof x === "string") return x.isWellFormed ? x.isWellFormed() : !/\\ud[89a-f]/.test(JSON.stringify(x));
    if (x !== null && typeof x === "object") return Object.entries(x).every(([k, y]) => plain(k) && plain(y));
    return true;
  };
  if (!plain(v)) return false;
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  if (/[.eE]/.test(bare.replace(/true|false/g, ""))) return false;
  const colons = (bare.match(/:/g) ?? []).length;
  const members = (x) => x !== null && typeof x === "object"
    ? (Array.isArray(x) ? 0 : Object.keys(x).length) + Object.values(x).reduce((n, y) => n + members(y), 0) : 0;
  return colons === members(v);
}

const zero = Buffer.alloc(32);
function digest(ids) {
  const node = (children) => children.every((c) => c.equals(zero)) ? zero : sha256(...children);
  const level = (prefix) => Array.from({ length: 256 }, (_, i) => {
    const p = prefix + i.toString(16).padStart(2, "0");
    const below = ids.filter((id) => id.startsWith(p)).sort();
    if (below.length === 0) return zero;
    return p.length === 4 ? sha256(...below.map((id) => Buffer.from(id, "hex"))) : node(level(p));
  });
  return hex(node(level("")));
}

function tag(heads, merge) {
  if (heads.length === 0) return "";
  return hex(sha256(`argss view 1\nmerge ${merge}\n`, ...[...heads].sort().map((id) => id + "\n"))).slice(0, 32);
}

function checkSignature(body) {
  const { signature, ...signed } = body;
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(body.key, "hex")]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  return verify(null, Buffer.from("argss erase 1\n" + canonical(signed)), key, Buffer.from(signature, "hex"));
}

let passed = 0, failed = 0;
function same(what, got, want) {
  if (got === want) { passed++; return; }
  failed++;
  console.error(`${what}: got ${got}, want ${want}`);
}

for (const c of vectors.Canonical) same(`canonical, ${c.Name}`, canonical(JSON.parse(c.Input)), c.Canonical);
for (const c of vectors.Refused) same(`refused, ${c.Name}`, strict(c.Input), false);
for (const r of vectors.Revisions) {
  const doc = JSON.parse(r.Document);
  same(`${r.Name}: canonical`, canonical(doc), r.Canonical);
  const id = hex(sha256(canonical(doc.header)));
  same(`${r.Name}: ID`, id, r.ID);
  same(`${r.Name}: _id`, doc._id, "rev:" + id);
  same(`${r.Name}: _rev`, doc._rev, "1-" + id.slice(0, 32));
  if (doc.body) {
    same(`${r.Name}: body hash`, hex(sha256(Buffer.from(doc.salt, "hex"), canonical(doc.body))), doc.header.body);
    if (doc.header.kind === "erase") same(`${r.Name}: signature`, checkSignature(doc.body), true);
  } else {
    same(`${r.Name}: erased by name`, doc.erased.body.erases.includes(id), true);
    same(`${r.Name}: signature`, checkSignature(doc.erased.body), true);
  }
}
for (const d of vectors.Digests) same(`digest, ${d.Name}`, digest(d.IDs), d.Digest);
for (const t of vectors.Tags) same("tag", tag(t.Heads, t.Merge), t.Tag);
for (const t of vectors.Tokens) {
  same("token", t.Token === "" ? "" : hex(sha256(t.Account + "\0" + t.Token)), t.Hash);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
