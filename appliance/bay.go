package appliance

import (
	"log/slog"
	"os"
	"path/filepath"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/blob"
	"github.com/argss/argss/wiki/mirror"
	"github.com/argss/argss/wiki/store"
)

// Bay is one disk of a box.
type Bay struct {
	Name string
	// Disk opens a folder of the disk, made if it is missing; an error says
	// that the disk is not there.
	Disk func(folder string) (wiki.Files, error)
	// Index says where a folder's index file is; "" keeps it in memory.
	Index func(folder string) string
}

// SecondDisk returns the disk whose data is in a folder, nil for "". The folder
// must exist: where a disk is missing its empty mount point must not be filled.
func SecondDisk(data string) *Bay {
	if data == "" {
		return nil
	}
	return &Bay{
		Name: "2",
		Disk: func(folder string) (wiki.Files, error) {
			if _, err := os.Stat(data); err != nil {
				return nil, err
			}
			return realDisk(filepath.Join(data, folder))
		},
		Index: func(folder string) string { return filepath.Join(data, folder, "index.db") },
	}
}

// bays returns the box's disks, the first first.
func (b *Box) bays() []*Bay {
	bays := []*Bay{{Name: "1", Disk: b.parts.Disk, Index: b.parts.Index}}
	if b.parts.Second != nil {
		bays = append(bays, b.parts.Second)
	}
	return bays
}

// openSet opens a space's set: the store of the one disk, or of both.
func (b *Box) openSet(folder string, log *slog.Logger) (mirror.Set, error) {
	var list []mirror.Disk
	for _, bay := range b.bays() {
		list = append(list, mirror.Disk{Name: bay.Name, Open: func() (mirror.Set, error) {
			files, err := bay.Disk(folder)
			if err != nil {
				return nil, err
			}
			s, err := store.Open(files, store.Options{
				IndexPath: bay.Index(folder), Quota: b.settings.Quota, Log: log.With("disk", bay.Name), Random: b.parts.Random,
			})
			if err != nil {
				return nil, err
			}
			return s, nil
		}})
	}
	if len(list) == 1 {
		return list[0].Open()
	}
	m, err := mirror.Open(list, mirror.Options{Log: log})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// openPieces opens the pieces of files on the one disk, or on both.
func (b *Box) openPieces(services *stack) (mirror.Pieces, error) {
	var list []mirror.Shelf
	for _, bay := range b.bays() {
		list = append(list, mirror.Shelf{Name: bay.Name, Open: func() (mirror.Pieces, error) {
			files, err := bay.Disk("blobs")
			if err != nil {
				return nil, err
			}
			opened, err := blob.Open(files, blob.Options{Log: b.log.With("disk", bay.Name)})
			if err != nil {
				return nil, err
			}
			return opened, nil
		}})
	}
	for _, bay := range b.bays() {
		if files, err := bay.Disk("blobs"); err == nil && b.files == nil {
			b.files = files
		}
	}
	if len(list) == 1 {
		return list[0].Open()
	}
	blobs, err := mirror.OpenBlobs(list, mirror.Options{Log: b.log})
	if err != nil {
		return nil, err
	}
	services.start("files on both disks", blobs.Run)
	return blobs, nil
}

// copies tells how the public space is on each of two disks.
func (b *Box) copies() []dashboard.Copy {
	m, several := b.spaces[wiki.Public.Name].store.(*mirror.Store)
	if !several {
		return nil
	}
	var list []dashboard.Copy
	for _, d := range m.Disks() {
		list = append(list, dashboard.Copy{
			Disk: d.Name, State: string(d.State), Leads: d.Leads, Revisions: d.Revisions, Of: d.Of, Reason: d.Reason,
		})
	}
	return list
}

// room tells what each space takes.
func (b *Box) room() []dashboard.Room {
	var list []dashboard.Room
	for _, named := range spaces {
		u := b.spaces[named.Name].store.Usage()
		list = append(list, dashboard.Room{Space: named.Name, Bytes: u.Log + u.Index, Quota: u.Quota})
	}
	return list
}

func idsOf(entries []wiki.Entry) []wiki.ID {
	ids := make([]wiki.ID, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	return ids
}
