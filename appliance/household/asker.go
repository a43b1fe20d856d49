package household

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/wiki"
)

// asker asks boxes how they are and what they hold.
type asker struct {
	http *http.Client
}

// askTime is how long one answer may take.
const askTime = 5 * time.Second

func newAsker(transport http.RoundTripper) *asker {
	return &asker{&http.Client{Transport: transport, Timeout: askTime}}
}

// Condition is the part of a box's /status.json that this package looks at.
type Condition struct {
	Box       string         `json:"box"`
	Role      dashboard.Role `json:"role"`
	Revisions uint64         `json:"revisions"`
	SetDigest wiki.Digest    `json:"set_digest"`
}

// condition asks a box for its status.
func (a *asker) condition(ctx context.Context, url string) (Condition, error) {
	var c Condition
	err := a.json(ctx, http.MethodGet, url+"/status.json", nil, &c)
	return c, err
}

// readyPause is how long to wait before asking again.
const readyPause = 10 * time.Millisecond

// untilReady blocks until the box of a name ("": any) answers at url.
func (a *asker) untilReady(ctx context.Context, url, name string) error {
	for {
		c, err := a.condition(ctx, url)
		if err == nil && (name == "" || c.Box == name) {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("%s answers at %s", c.Box, url)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w", err)
		case <-time.After(readyPause):
		}
	}
}

// diffLimit is how many revisions are asked for at once.
const diffLimit = 1000

// missing returns those of ids that the box at url does not hold.
func (a *asker) missing(ctx context.Context, url string, ids []wiki.ID) (map[wiki.ID]bool, error) {
	missing := map[wiki.ID]bool{}
	for len(ids) > 0 {
		some := ids[:min(diffLimit, len(ids))]
		ids = ids[len(some):]
		question := make(map[string][]string, len(some))
		for _, id := range some {
			question[wiki.DocID(id)] = []string{wiki.Rev(id)}
		}
		body, err := json.Marshal(question)
		if err != nil {
			return nil, fmt.Errorf("ask %s for revisions: %w", url, err)
		}
		var answer map[string]json.RawMessage
		if err := a.json(ctx, http.MethodPost, url+"/db/"+wiki.Public.Name+"/_revs_diff", body, &answer); err != nil {
			return nil, err
		}
		for doc := range answer {
			id, err := wiki.ParseDocID(doc)
			if err != nil {
				return nil, fmt.Errorf("ask %s for revisions: %w", url, err)
			}
			missing[id] = true
		}
	}
	return missing, nil
}

func (a *asker) json(ctx context.Context, method, url string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(string(body)))
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask %s: it answered %s", url, resp.Status)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	return nil
}
