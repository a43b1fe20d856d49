// Comfort on pages that work without it: local times, light or dark, keys,
// chips that tell when a copy arrives, a save that outlives its box.
(() => {
	"use strict";
	const $ = (s, at = document) => at.querySelector(s);
	const $$ = (s, at = document) => [...at.querySelectorAll(s)];
	const wait = ms => new Promise(done => setTimeout(done, ms));
	const store = { // may be forbidden or full
		get(k) { try { return localStorage.getItem(k); } catch { return null; } },
		set(k, v) { try { localStorage.setItem(k, v); return true; } catch { return false; } },
		drop(k) { try { localStorage.removeItem(k); } catch {} },
	};

	// times
	const full = { dateStyle: "medium", timeStyle: "short" };
	for (const t of $$("time")) {
		const d = new Date(t.dateTime);
		const clock = t.dataset.only && d.getDate() === d.getUTCDate(); // it stands under the UTC day
		t.title = d.toISOString();
		t.textContent = d.toLocaleString([], clock ? { timeStyle: "short" } : full);
	}

	// light or dark: the server reads the cookie
	const theme = $(".theme"), root = document.documentElement;
	theme.hidden = false;
	theme.onclick = () => {
		const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
		root.dataset.theme = now === "dark" ? "light" : "dark";
		document.cookie = "theme=" + root.dataset.theme + ";path=/;max-age=31536000;samesite=lax";
	};

	// keys: e edit, h history, s or / find; they can be switched off
	const keys = $(".keys");
	const label = () => { keys.textContent = "Keys e, h, s: " + (store.get("keys") === "off" ? "off" : "on"); };
	keys.hidden = false;
	keys.onclick = () => { store.set("keys", store.get("keys") === "off" ? "on" : "off"); label(); };
	label();
	addEventListener("keydown", e => {
		const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName);
		if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.form) {
			const save = $("button.primary", e.target.form);
			if (save) save.click();
		}
		if (typing || e.ctrlKey || e.metaKey || e.altKey || store.get("keys") === "off") return;
		const go = { e: ".tabs .edit", h: ".tabs .history" }[e.key];
		if (go && $(go)) $(go).click();
		if (e.key === "s" || e.key === "/") { e.preventDefault(); $(".find input").focus(); }
	});

	// search: what is found grows with each key; arrows choose, Enter opens
	const box = $(".find input[name=q]");
	if (box) {
		const hits = document.createElement("ul");
		hits.className = "instant"; hits.id = "instant"; hits.hidden = true; hits.setAttribute("role", "listbox"); hits.setAttribute("aria-label", "Pages found");
		box.parentNode.append(hits);
		for (const [k, v] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", "instant"], ["aria-autocomplete", "list"]]) box.setAttribute(k, v);
		let asked = 0, at = -1, timer;
		const open = yes => { hits.hidden = !yes; box.setAttribute("aria-expanded", yes); if (!yes) { at = -1; box.removeAttribute("aria-activedescendant"); } };
		const ask = async () => {
			const mine = ++asked, q = box.value.trim();
			if (!q) return open(false);
			try {
				const r = await fetch("/search?q=" + encodeURIComponent(q), { headers: { Accept: "application/json" } });
				const found = await r.json();
				if (mine !== asked || !r.ok || document.activeElement !== box) return;
				hits.replaceChildren(...found.hits.slice(0, 8).map((h, i) => {
					const li = document.createElement("li"), a = document.createElement("a");
					li.setAttribute("role", "presentation"); a.setAttribute("role", "option"); a.id = "hit-" + i; a.tabIndex = -1;
					a.href = h.url; a.textContent = h.page; a.dir = "auto"; li.append(a);
					return li;
				}));
				at = -1; open(found.hits.length > 0);
			} catch {} // no box answers: Enter asks again
		};
		box.oninput = () => { clearTimeout(timer); timer = setTimeout(ask, 60); };
		box.onkeydown = e => {
			const all = $$("a", hits);
			if (e.key === "Escape") open(false);
			if (hits.hidden || !all.length) return;
			if (e.key === "ArrowDown" || e.key === "ArrowUp") {
				e.preventDefault();
				at = (at + (e.key === "ArrowDown" ? 1 : all.length + (at < 0 ? 0 : -1))) % all.length;
				all.forEach((a, i) => a.setAttribute("aria-selected", i === at));
				box.setAttribute("aria-activedescendant", all[at].id);
			}
			if (e.key === "Enter" && at >= 0) { e.preventDefault(); location.href = all[at].href; }
		};
		box.parentNode.addEventListener("focusout", e => { if (!box.parentNode.contains(e.relatedTarget)) open(false); });
	}

	// contents stand beside a wide page
	if ($(".contents") && matchMedia("(min-width: 78rem)").matches) $(".contents").open = true;

	// chips: ask who has a copy until everybody does
	const copies = async address => {
		const r = await fetch(address, { method: "HEAD", cache: "no-store" });
		return (r.headers.get("Wiki-Copies") || "").split(",").filter(Boolean);
	};
	const list = names => names.length < 2 ? names.join("") : names.slice(0, -1).join(", ") + " and " + names.at(-1);
	const watch = async () => {
		const row = $(".chips"), saved = $("[data-saved]");
		for (let pause = 1000; pause < 60000; pause *= 2) {
			if (!$$(".chips li:not(.has)").length && !$(".limp [data-saved]")) return;
			await wait(pause);
			if (document.hidden) continue;
			try {
				const has = row ? await copies(row.dataset.copies) : [];
				for (const c of has.length ? $$("li", row) : []) {
					const yes = has.includes(c.dataset.box);
					c.classList.toggle("has", yes);
					$("span", c).textContent = yes ? "has it" : "not yet";
				}
				const now = saved ? await copies(saved.dataset.saved) : [];
				if (now.length > 1) {
					saved.parentNode.className = "notice good";
					saved.textContent = "Saved on " + list(now) + ".";
				}
			} catch {} // no box answers: ask later
		}
	};
	watch();

	// the editor
	const form = $("form[data-draft]");
	if (!form) return;
	const text = form.elements.content, state = $(".state", form), kept = $(".kept", form);
	const key = "draft:" + form.dataset.draft, first = text.value;
	let draft;
	try { draft = JSON.parse(store.get(key)); } catch {}
	const typed = $(".typed textarea"); // the server brought it back itself
	if (draft && draft.text !== first && !(typed && typed.value === draft.text)) {
		kept.hidden = false;
		kept.textContent = "Text you wrote here on " + new Date(draft.time).toLocaleString([], full) + " was not saved.";
		const offer = (words, act) => {
			const b = document.createElement("button");
			b.type = "button"; b.textContent = words;
			b.onclick = () => { act(); kept.hidden = true; text.focus(); };
			kept.append(" ", b);
		};
		offer("Put it back", () => { text.value = draft.text; });
		offer("Throw it away", () => store.drop(key));
	}
	let timer;
	text.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(keep, 400);
	});
	const keep = () => store.set(key, JSON.stringify({ text: text.value, time: Date.now() }));
	let leaving = false;
	addEventListener("beforeunload", e => { if (!leaving && text.value !== first) e.preventDefault(); });
	for (const a of $$(".actions a", form)) a.onclick = () => { leaving = true; store.drop(key); };

	// The form carries a token: sent again, to any box, it is the same save.
	form.addEventListener("submit", async e => {
		const button = e.submitter;
		leaving = true;
		if (!button || button.value !== "save") return;
		e.preventDefault();
		clearTimeout(timer);
		const safe = keep();
		const body = new URLSearchParams(new FormData(form));
		body.set("do", "save");
		button.disabled = true;
		state.textContent = "Saving…";
		const began = Date.now();
		for (let pause = 50; Date.now() - began < 10000; pause = Math.min(2 * pause, 1000)) {
			try {
				const r = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(4000) });
				if (r.ok && r.redirected) {
					store.drop(key);
					location.href = r.url;
					return;
				}
				if (r.status !== 502 && r.status !== 503) return form.submit(); // shows what hinders it
			} catch {}
			state.textContent = "No answer yet, trying again…";
			await wait(pause);
		}
		leaving = false;
		button.disabled = false;
		state.textContent = "Not saved: no box answers. " + (safe ? "Your text is kept in this browser; " : "Keep this page open; ") + "try again in a moment.";
	});
})();
