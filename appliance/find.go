package appliance

import (
	"context"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/search"
)

// openFinder opens the index of the pages' words and has it follow them. A box
// without it is a box whose pages are found by their names only, so nothing
// that befalls it stops the box.
func (b *Box) openFinder(services *stack, pages *page.Pages) *search.Index {
	path := b.parts.Words
	if path == "" {
		return nil
	}
	index, err := search.Open(search.Config{
		Path: path, Set: b.spaces[wiki.Public.Name].set, Read: search.Reader(pages), Log: b.log.With("part", "search"),
	})
	if err != nil {
		b.log.Warn("pages cannot be searched", "reason", err)
		return nil
	}
	services.onStop("search index", index.Close)
	services.start("search", func(ctx context.Context) error {
		if err := index.Run(ctx); err != nil {
			b.log.Warn("search does not follow the pages any more", "reason", err)
		}
		<-ctx.Done()
		return nil
	})
	return index
}
