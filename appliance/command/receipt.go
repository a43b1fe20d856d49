package command

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/wiki/receipt"
	"github.com/argss/argss/wiki/web"
)

func (c *Console) verifyReceipt(ctx context.Context, args []string) error {
	var box, path string
	words, err := c.flags(args, func(f *flag.FlagSet) {
		f.StringVar(&box, "box", "", "address of a box, which answers where the edit is now")
		f.StringVar(&path, "settings", "", "settings file of a box of the wiki the receipt should be of")
	})
	if err != nil {
		return err
	}
	if len(words) != 1 {
		return fmt.Errorf("name one file with a receipt: %w", errUsage)
	}
	text, err := c.read(words[0])
	if err != nil {
		return fmt.Errorf("read the receipt: %w", err)
	}
	r, err := receipt.Parse(text)
	if err != nil {
		return err
	}
	if path != "" {
		s, err := settings.Load(path)
		if err != nil {
			return err
		}
		if _, err := receipt.ParseFrom(receipt.KeyOf(s.PairSecret()).Public().(ed25519.PublicKey), text); err != nil {
			return err
		}
	}
	c.tell(r, path != "")
	if box == "" {
		return nil
	}
	return c.askBox(ctx, box, text)
}

// tell prints what a receipt says by itself.
func (c *Console) tell(r receipt.Receipt, ours bool) {
	if ours {
		fmt.Fprintln(c.Out, "The receipt is whole, and the boxes of this wiki signed it.")
	} else {
		fmt.Fprintf(c.Out, "The receipt is whole, and the key %s signed it. Ask a box (-box) whether that is your wiki's.\n", receipt.Fingerprint(r.Key))
	}
	fmt.Fprintf(c.Out, "On %s version %s was on:\n", r.Time.Format("2 Jan 2006, 15:04:05 UTC"), r.Revision)
	for _, copied := range r.Copies {
		fmt.Fprintf(c.Out, "  %s, store %s, number %d\n", copied.Box, copied.Store, copied.Seq)
	}
}

// askBox has a box check the receipt and prints what it says.
func (c *Console) askBox(ctx context.Context, box, text string) error {
	var told web.ReceiptCheck
	if err := c.ask(ctx, http.MethodPost, box, "/receipt", text, &told); err != nil {
		return err
	}
	fmt.Fprintln(c.Out, told.Sentence)
	for _, b := range told.Now {
		fmt.Fprintf(c.Out, "  now %s: %s\n", b.Box, b.Found)
	}
	for _, b := range told.Copies {
		fmt.Fprintf(c.Out, "  receipt for %s: %s\n", b.Box, b.Fate)
	}
	if len(told.Holders) == 0 {
		return errors.New("no box that answers holds the edit")
	}
	return nil
}

// ask puts a question to a box and reads its JSON. What the box refuses is its
// own sentence.
func (c *Console) ask(ctx context.Context, method, box, path, body string, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(box, "/")+path, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the box: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "text/plain")
		if json.Valid([]byte(body)) {
			r.Header.Set("Content-Type", "application/json")
		}
	}
	response, err := c.HTTP.Do(r)
	if err != nil {
		return fmt.Errorf("the box does not answer: %w", err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxInput))
	if err != nil {
		return fmt.Errorf("read the box's answer: %w", err)
	}
	if response.StatusCode >= 300 {
		var refusal struct{ Reason string }
		if json.Unmarshal(data, &refusal) == nil && refusal.Reason != "" {
			return errors.New(refusal.Reason)
		}
		return fmt.Errorf("the box answered %s", response.Status)
	}
	if text, ok := answer.(*string); ok {
		*text = string(data)
		return nil
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return fmt.Errorf("read the box's answer: %w", err)
	}
	return nil
}
