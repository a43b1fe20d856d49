// A real browser against a real wiki: what the Go test beside it asks for.
//
//   node browser.mjs SHARED_URL BOX_URL
//
// Walks the pages as a person would, with script and without, on a desk and on
// a phone; prints a line for every failed expectation and for every complaint
// of the browser, then "N passed, N failed".
import { chromium } from "playwright-core";

const [shared, box] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run"],
});
let passed = 0, failed = 0;
function expect(what, ok, got) {
  if (ok) { passed++; return; }
  failed++;
  console.log(`${what}: got ${got}`);
}

async function visitor(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (m) => {
    const expected = /status of (404|409)/.test(m.text()) // an absent page, a clash;
    if (m.type() === "error" && !expected) expect(`the console of ${page.url()}`, false, m.text());
  });
  page.on("pageerror", (e) => expect(`the script of ${page.url()}`, false, e.message));
  return page;
}

async function write(page, name, text) {
  await page.goto(`${shared}/edit/${name}`);
  await page.fill("textarea", text);
  await page.click("button.primary");
  await page.waitForURL((u) => u.pathname.startsWith("/wiki/"));
}

for (const [who, options] of Object.entries({
  "with script": { viewport: { width: 1280, height: 900 } },
  "without script": { javaScriptEnabled: false, viewport: { width: 1280, height: 900 } },
  "on a phone in the dark": { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: "dark" },
})) {
  const page = await visitor(options);
  const name = "Browser/" + encodeURIComponent("[[" + who + "]] 100%");
  await page.goto(`${shared}/wiki/${name}`);
  expect(`${who}: an absent page offers to be written`, await page.locator(`a[href="/edit/${name}"]`).count() > 0, await page.content());
  await write(page, name, `# Written ${who}\n\n[[Home]] and [[Not there]] <script>alert(1)</script>\n`);
  expect(`${who}: the text is shown`, (await page.textContent("main")).includes(`Written ${who}`), await page.textContent("main"));
  expect(`${who}: who has it is said`, /wichita|tulsa/.test(await page.textContent("body")), await page.textContent("body"));
  expect(`${who}: links to missing pages are marked`, await page.locator("a.wanted").count() === 2, await page.locator("a.wanted").count());
  expect(`${who}: markup runs no script`, await page.locator("main script").count() === 0, "a script element");
  expect(`${who}: nothing is wider than the screen`,
    !options.viewport || options.javaScriptEnabled === false ||
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "a page that scrolls sideways");
  for (const path of [`/history/${name}`, `/diff/${name}`, "/recent", "/pages", "/status", `/edit/${name}`, `/delete/${name}`]) {
    const answer = await page.goto(shared + path);
    expect(`${who}: ${path}`, answer.status() === 200, answer.status());
  }
  await page.context().close();
}

// Two people open one form; the second is shown both texts and loses nothing.
const one = await visitor({}), two = await visitor({});
await write(one, "Browser/Clash", "first line\n");
await one.goto(`${shared}/edit/Browser/Clash`);
await two.goto(`${shared}/edit/Browser/Clash`);
await one.fill("textarea", "changed by one\n");
await one.click("button.primary");
await one.waitForURL((u) => u.pathname.startsWith("/wiki/"));
await two.fill("textarea", "changed by two\n");
await two.click("button.primary");
await two.waitForSelector("text=changed by one");
const both = await two.content();
expect("a clash shows both texts", both.includes("changed by one") && both.includes("changed by two"), both);
await two.locator("textarea").first().fill("settled\n");
await two.click("button.primary");
await two.waitForURL((u) => u.pathname.startsWith("/wiki/"));
expect("a clash is settled in the form", (await two.textContent("main")).includes("settled"), await two.textContent("main"));

// A box by its own address shows the same.
const there = await visitor({});
await there.goto(`${box}/wiki/Browser/Clash`);
expect("another box shows the same", (await there.textContent("main")).includes("settled"), await there.textContent("main"));

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
