package appliance_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/appliance/command"
	"github.com/argss/argss/wiki/web"
)

// boxd does what the program does for an owner, and returns what it prints.
func boxd(t *testing.T, args ...string) (status int, said string) {
	t.Helper()
	var out bytes.Buffer
	c := command.Console{In: strings.NewReader(""), Out: &out, Err: &out, HTTP: &http.Client{Timeout: 10 * time.Second}, Now: time.Now, Rand: rand.Reader}
	return c.Run(t.Context(), args), out.String()
}

func TestReceiptIsCheckedByEveryBoxAndTheCommand(t *testing.T) {
	w := newRealWorld(t)
	startAll(w)
	agree(t, w, boxes...)
	var saved web.Receipt
	body := must(t, w, 201, "PUT", w.url("wichita-1")+"/raw/Home", "my edit\n", "If-None-Match", "*").body
	if err := json.Unmarshal([]byte(body), &saved); err != nil {
		t.Fatal(err)
	}
	if strings.Count(saved.Receipt, "\ncopy ") < 2 || !strings.Contains(saved.Receipt, saved.Revision) {
		t.Fatalf("the save was answered with the receipt\n%s", saved.Receipt)
	}
	agree(t, w, boxes...)
	for _, name := range boxes {
		var told web.ReceiptCheck
		if err := json.Unmarshal([]byte(must(t, w, 200, "POST", w.url(name)+"/receipt", saved.Receipt).body), &told); err != nil {
			t.Fatal(err)
		}
		if !told.Safe || len(told.Holders) != 3 || told.Page != "Home" {
			t.Errorf("%s says %+v", name, told)
		}
	}
	file := filepath.Join(t.TempDir(), "receipt.txt")
	if err := os.WriteFile(file, []byte("> "+strings.ReplaceAll(saved.Receipt, "\n", "\r\n> ")), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, said := boxd(t, "verify-receipt", file, "-box", w.url("tulsa")); status != 0 || !strings.Contains(said, "genuine") {
		t.Errorf("%d: %s", status, said)
	}
	forged := strings.Replace(saved.Receipt, "wichita-1", "wichita-3", 1)
	must(t, w, 422, "POST", w.url("tulsa")+"/receipt", forged)
	if err := os.WriteFile(file, []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, said := boxd(t, "verify-receipt", file); status != 1 || strings.Count(said, "\n") != 1 {
		t.Errorf("%d: %s", status, said)
	}
	w.stop("tulsa")
	page := must(t, w, 200, "GET", w.url("wichita-2")+"/receipt?revision="+saved.Revision, "", "Accept", "text/html").body
	if !strings.Contains(page, "BEGIN ARGSS RECEIPT") {
		t.Errorf("no receipt on the page\n%s", page)
	}
	page = must(t, w, 200, "POST", w.url("wichita-2")+"/receipt", saved.Receipt, "Accept", "text/html", "Content-Type", "text/plain").body
	if !strings.Contains(page, "tulsa does not answer now") {
		t.Errorf("nothing about the silent box\n%s", page)
	}
}

func TestOwnerErasesWhileABoxIsAway(t *testing.T) {
	w := newRealWorld(t)
	key := filepath.Join(t.TempDir(), "keeper")
	status, said := boxd(t, "keeper-key", key)
	if status != 0 {
		t.Fatal(said)
	}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	for _, name := range boxes {
		s := w.choices[name]
		s.Keepers = []string{lines[len(lines)-1]}
		w.choices[name] = s
	}
	startAll(w)
	agree(t, w, boxes...)
	id := must(t, w, 201, "PUT", w.url("wichita-1")+"/raw/Secret", "a telephone number\n", "If-None-Match", "*").header.Get("Wiki-Revision")
	agree(t, w, boxes...)
	w.stop("tulsa")
	strange := filepath.Join(t.TempDir(), "strange")
	boxd(t, "keeper-key", strange)
	if status, said := boxd(t, "erase", id, "-key", strange, "-box", w.url("wichita-1")); status != 1 || !strings.Contains(said, "not signed by a keeper") {
		t.Errorf("a stranger's key: %d: %s", status, said)
	}
	must(t, w, 200, "GET", w.url("wichita-1")+"/raw/Secret", "")
	if status, said := boxd(t, "erase", "-key", key, "-box", w.url("wichita-1"), "-why", "private", id); status != 0 || strings.Count(said, "\ncopy ") < 2 {
		t.Fatalf("%d: %s", status, said)
	}
	must(t, w, 410, "GET", w.url("wichita-1")+"/raw/Secret", "")
	w.start("tulsa")
	agree(t, w, boxes...)
	for _, name := range boxes {
		must(t, w, 410, "GET", w.url(name)+"/raw/Secret", "")
	}
}
