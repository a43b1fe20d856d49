// PouchDB takes all of a database into LevelDB files.
//
//   node join.mjs DATABASE_URL FOLDER
//
// Prints {"docs":…,"seconds":…}.
import PouchDB from "pouchdb";

const [url, folder] = process.argv.slice(2);
const target = new PouchDB(folder + "/copy");
const start = performance.now();
const done = await target.replicate.from(url, { batch_size: 1000 });
console.log(JSON.stringify({ docs: done.docs_written, seconds: (performance.now() - start) / 1000 }));
process.exit(0);
