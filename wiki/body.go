package wiki

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Limits of what one revision holds.
const (
	MaxText    = 1 << 20 // bytes of an edit's text
	MaxBlob    = 1 << 20 // bytes of one piece of a file
	MaxBlobs   = 16384   // pieces of one file
	MaxComment = 500     // bytes of a summary
)

// Markdown is the media type of a page's text.
const Markdown = "text/markdown"

// Body is the part of a revision that can be erased.
type Body struct {
	Type    string // media type of the content; "" without content
	Comment string
	Content string    // an edit's text, byte for byte
	Blobs   []BlobRef // a file's content in pieces, in order
	Size    int64     // of a file, in bytes
	Target  string    // where a renamed page went
	Erasure *Erasure  // the demand of an erase record
}

// BlobRef names one piece of a file by its content.
type BlobRef struct {
	Hash Hash
	Size int64 // 1 to MaxBlob bytes
}

func (b Body) node(kind Kind) node {
	members := []member{
		{"comment", stringNode(b.Comment)},
		{"type", stringNode(b.Type)},
	}
	switch kind {
	case Edit:
		members = append(members, member{"content", stringNode(b.Content)})
	case Upload:
		members = append(members, member{"blobs", blobsNode(b.Blobs)}, member{"size", integerNode(b.Size)})
	case Rename:
		members = append(members, member{"target", stringNode(b.Target)})
	case Erase:
		members = append(members, b.Erasure.members()...)
	}
	return objectNode(members...)
}

func blobsNode(blobs []BlobRef) node {
	n := node{kind: nodeArray}
	for _, b := range blobs {
		n.items = append(n.items, objectNode(
			member{"hash", stringNode(b.Hash.String())},
			member{"size", integerNode(b.Size)},
		))
	}
	return n
}

// parseBody reads what the kind asks for; bodies of unknown kinds are opaque
// but for the two members every body has.
func parseBody(n *node, kind Kind) (Body, error) {
	if n.kind != nodeObject {
		return Body{}, errors.New("the body is not an object")
	}
	var b Body
	err := b.read(n, kind)
	if err != nil {
		return Body{}, fmt.Errorf("body: %w", err)
	}
	return b, nil
}

func (b *Body) read(n *node, kind Kind) (err error) {
	if b.Comment, err = n.str("comment"); err != nil {
		return err
	}
	if err = checkLine("comment", b.Comment, MaxComment); err != nil {
		return err
	}
	if b.Type, err = n.str("type"); err != nil {
		return err
	}
	if err = CheckType(b.Type); err != nil {
		return err
	}
	switch kind {
	case Edit:
		return b.readText(n)
	case Upload:
		return b.readFile(n)
	case Rename:
		if b.Target, err = n.str("target"); err != nil {
			return err
		}
		return CheckName(b.Target)
	case Erase:
		b.Erasure, err = parseErasure(n)
	}
	return err
}

func (b *Body) readText(n *node) (err error) {
	if !strings.HasPrefix(b.Type, "text/") {
		return fmt.Errorf("an edit's type begins with text/, not %.40q", b.Type)
	}
	if b.Content, err = n.str("content"); err != nil {
		return err
	}
	if len(b.Content) > MaxText {
		return fmt.Errorf("content: %d bytes long, at most %d", len(b.Content), MaxText)
	}
	return nil
}

func (b *Body) readFile(n *node) (err error) {
	if b.Type == "" {
		return errors.New("a file needs a type")
	}
	if b.Size, err = n.natural("size"); err != nil {
		return err
	}
	list, ok := n.get("blobs")
	if !ok || list.kind != nodeArray || len(list.items) > MaxBlobs {
		return fmt.Errorf("blobs is a list of at most %d", MaxBlobs)
	}
	var sum int64
	for i := range list.items {
		ref, err := parseBlobRef(&list.items[i])
		if err != nil {
			return fmt.Errorf("blob %d: %w", i, err)
		}
		b.Blobs = append(b.Blobs, ref)
		sum += ref.Size
	}
	if sum != b.Size {
		return fmt.Errorf("blobs add up to %d bytes, not to %d", sum, b.Size)
	}
	return nil
}

func parseBlobRef(n *node) (ref BlobRef, err error) {
	if ref.Hash, err = n.hash("hash"); err != nil {
		return ref, err
	}
	if ref.Size, err = n.natural("size"); err != nil {
		return ref, err
	}
	if ref.Size == 0 || ref.Size > MaxBlob {
		return ref, fmt.Errorf("size %d is not between 1 and %d", ref.Size, MaxBlob)
	}
	return ref, nil
}

// CheckType accepts "" and media types in one spelling: lower-case type and
// subtype of the characters RFC 6838 section 4.2 allows, then any number of
// parameters, each "; name=value" without quotes. So a type never smuggles a
// header into an answer, and no library's idea of a media type can come to
// differ between two versions of the software.
func CheckType(s string) error {
	if s == "" || s == Markdown || len(s) <= 255 && mediaType.MatchString(s) {
		return nil
	}
	return fmt.Errorf("type: %.40q is not a media type", s)
}

var mediaType = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*(; [a-z0-9-]+=[A-Za-z0-9!#$&^_.+-]+)*$`)
