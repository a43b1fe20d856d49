package command

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/receipt"
)

const keyLine = "argss keeper key 1"

func (c *Console) keeperKey(_ context.Context, args []string) error {
	words, err := c.flags(args, func(*flag.FlagSet) {})
	if err != nil {
		return err
	}
	if len(words) != 1 {
		return fmt.Errorf("name the file for the new key: %w", errUsage)
	}
	public, private, err := ed25519.GenerateKey(c.Rand)
	if err != nil {
		return fmt.Errorf("draw a key: %w", err)
	}
	f, err := os.OpenFile(words[0], os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // never over an older key
	if err != nil {
		return fmt.Errorf("keep the key: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s\n%x\n", keyLine, private.Seed())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("keep the key: %w", err)
	}
	fmt.Fprintf(c.Out, "Add this to \"keepers\" in the settings of every box and start it again:\n%x\n", public)
	return nil
}

func (c *Console) readKey(path string) (ed25519.PrivateKey, error) {
	text, err := c.read(path)
	if err != nil {
		return nil, fmt.Errorf("read the keeper's key: %w", err)
	}
	words := strings.TrimPrefix(text, keyLine+"\n")
	seed, err := hex.DecodeString(strings.TrimSpace(words))
	if err != nil || words == text || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s is no keeper's key; boxd keeper-key makes one", path)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func (c *Console) erase(ctx context.Context, args []string) error {
	var box, path, why string
	words, err := c.flags(args, func(f *flag.FlagSet) {
		f.StringVar(&box, "box", "", "address of any box of the wiki")
		f.StringVar(&path, "key", "", "file that keeper-key made")
		f.StringVar(&why, "why", "", "the reason, which everybody may read")
	})
	if err != nil {
		return err
	}
	if box == "" || path == "" || len(words) == 0 {
		return fmt.Errorf("say -key, -box and which versions: %w", errUsage)
	}
	key, err := c.readKey(path)
	if err != nil {
		return err
	}
	pages, err := c.pagesOf(ctx, box, words)
	if err != nil {
		return err
	}
	for page, ids := range pages {
		if err := c.erasePage(ctx, box, key, page, why, ids); err != nil {
			return err
		}
	}
	return nil
}

// pagesOf asks the box which pages the versions are of.
func (c *Console) pagesOf(ctx context.Context, box string, words []string) (map[string][]wiki.ID, error) {
	pages := map[string][]wiki.ID{}
	for _, word := range words {
		id, err := wiki.ParseHash(word)
		if err != nil {
			return nil, fmt.Errorf("%q names no version: %w", word, errUsage)
		}
		var text string
		if err := c.ask(ctx, http.MethodGet, box, couch.Prefix+wiki.Public.Name+"/"+wiki.DocID(id), "", &text); err != nil {
			return nil, fmt.Errorf("version %s: %w", id.Short(), err)
		}
		r, err := wiki.Parse([]byte(text))
		if err != nil || r.ID != id {
			return nil, fmt.Errorf("version %s: the box answered with something else", id.Short())
		}
		pages[r.Header.Page] = append(pages[r.Header.Page], id)
	}
	return pages, nil
}

// erasePage sends one record and tells where it has arrived.
func (c *Console) erasePage(ctx context.Context, box string, key ed25519.PrivateKey, page, why string, ids []wiki.ID) error {
	salt, err := wiki.NewSalt(c.Rand)
	if err != nil {
		return err
	}
	record, err := wiki.New(wiki.Header{Page: page, Kind: wiki.Erase, Time: c.Now().UnixMilli()}, wiki.SignErasure(key, why, ids...), salt)
	if err != nil {
		return fmt.Errorf("make the erase record: %w", err)
	}
	var refused []struct{ Reason string }
	body := `{"new_edits":false,"docs":[` + string(record.AppendWire(nil)) + `]}`
	if err := c.ask(ctx, http.MethodPost, box, couch.Prefix+wiki.Public.Name+"/_bulk_docs", body, &refused); err != nil {
		return fmt.Errorf("send the erase record: %w", err)
	}
	if len(refused) > 0 {
		return fmt.Errorf("nothing was erased: %s", refused[0].Reason)
	}
	var signed string
	if err := c.ask(ctx, http.MethodGet, box, "/receipt?revision="+record.ID.String(), "", &signed); err != nil {
		return fmt.Errorf("the versions are erased, but not where: %w", err)
	}
	r, err := receipt.Parse(signed)
	if err != nil {
		return fmt.Errorf("the versions are erased, but not where: %w", err)
	}
	fmt.Fprintf(c.Out, "Erased %d of the versions of “%s”. These boxes have the record; any other takes it when it returns:\n", len(ids), page)
	for _, copied := range r.Copies {
		fmt.Fprintf(c.Out, "  %s\n", copied.Box)
	}
	fmt.Fprint(c.Out, signed)
	return nil
}
