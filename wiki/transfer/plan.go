package transfer

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/argss/argss/wiki"
)

// Item is one file that is to be in the wiki.
type Item struct {
	Path string // in the folder, with slashes
	Name string // in the wiki
	File bool   // an attachment, not a page
	Size int64  // in bytes, as the folder's listing has it
}

// Note is one sentence about one path of the folder.
type Note struct {
	Path   string
	Reason string
}

// Plan is what a folder holds for a wiki.
type Plan struct {
	Items   []Item // in the order of their paths
	Skipped []Note // what a wiki cannot hold, and why
	Renamed []Note // pages that could not have their plain name
	Hidden  int    // folders and files left out because of the dot they begin with
}

// Walk plans the import of a folder below a namespace ("": none). It reads
// names and sizes, no contents. Only an unreadable top folder is an error.
func Walk(folder fs.FS, prefix string) (Plan, error) {
	p := planner{folder: folder, prefix: prefix, taken: map[string]string{}}
	err := fs.WalkDir(folder, ".", p.visit)
	if err != nil {
		return Plan{}, fmt.Errorf("read the folder to import: %w", err)
	}
	return p.plan, nil
}

type planner struct {
	folder fs.FS
	prefix string
	plan   Plan
	taken  map[string]string // name → path that has it
}

func (p *planner) visit(name string, d fs.DirEntry, err error) error {
	switch {
	case name == ".":
		return err
	case !utf8.ValidString(name):
		p.skip(name, "its name is not valid UTF-8")
		return leave(d)
	case hidden(d):
		p.plan.Hidden++
		return leave(d)
	case err != nil:
		p.skip(name, "it cannot be read: "+cause(err))
		return leave(d)
	case d.IsDir():
		return nil
	}
	size, reason := p.measure(name, d)
	if reason != "" {
		p.skip(name, reason)
		return nil
	}
	p.add(Item{Path: name, File: !markdown(name), Size: size})
	return nil
}

// leave skips what is below a folder; a file has nothing below it.
func leave(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

func hidden(d fs.DirEntry) bool {
	return strings.HasPrefix(d.Name(), ".") && (d.IsDir() || !markdown(d.Name()))
}

// measure follows a link, which the folder refuses when it leads out of it.
func (p *planner) measure(name string, d fs.DirEntry) (size int64, reason string) {
	link := d.Type()&fs.ModeSymlink != 0
	stat := d.Info // opens nothing: to open a pipe is to wait for its writer
	if link {
		stat = func() (fs.FileInfo, error) { return fs.Stat(p.folder, name) }
	}
	info, err := stat()
	switch {
	case err != nil && link:
		return 0, "it is a link that leads out of the folder or nowhere"
	case err != nil:
		return 0, "it cannot be read: " + cause(err)
	case info.IsDir():
		return 0, "it is a link to a folder, and links to folders are not followed"
	case !info.Mode().IsRegular():
		return 0, "it is a device, a pipe or a socket, not a file"
	}
	return info.Size(), ""
}

func (p *planner) add(item Item) {
	if err := p.name(&item); err != nil {
		p.skip(item.Path, err.Error())
		return
	}
	if first, ok := p.taken[item.Name]; ok {
		p.skip(item.Path, fmt.Sprintf("it would be the same page as %s, which came first", first))
		return
	}
	if !item.File && item.Size > wiki.MaxText {
		p.skip(item.Path, tooLarge(item.Size))
		return
	}
	p.taken[item.Name] = item.Path
	p.plan.Items = append(p.plan.Items, item)
}

// name decides what the wiki calls the item.
func (p *planner) name(item *Item) error {
	full := path.Join(p.prefix, item.Path)
	item.Name = full
	if item.File {
		return wiki.CheckName(full)
	}
	item.Name = strings.TrimSuffix(full, path.Ext(full))
	err := wiki.CheckName(item.Name)
	if err == nil || wiki.CheckName(full) != nil {
		return err
	}
	item.Name = full
	p.plan.Renamed = append(p.plan.Renamed, Note{item.Path, "its page keeps the ending: " + err.Error()})
	return nil
}

func (p *planner) skip(name, reason string) {
	p.plan.Skipped = append(p.plan.Skipped, Note{name, reason})
}

func markdown(name string) bool {
	return slices.Contains([]string{".md", ".markdown"}, strings.ToLower(path.Ext(name)))
}

func tooLarge(size int64) string {
	return fmt.Sprintf("a page has at most %d bytes of text and this has %d", wiki.MaxText, size)
}

// cause drops the path from a file error: the note names it already.
func cause(err error) string {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err.Error()
	}
	return err.Error()
}
