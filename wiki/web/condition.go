package web

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/argss/argss/wiki/page"
)

// maxToken bounds an Idempotency-Key in bytes.
const maxToken = 255

// draftOf reads what the headers of a PUT or DELETE say about the save.
func (s *Site) draftOf(r *http.Request, name string) (page.Draft, error) {
	d := page.Draft{Page: name, Author: s.Author(r), Token: r.Header.Get("Idempotency-Key")}
	err := plainly(r, d.Author)
	if err != nil {
		return d, err
	}
	if d.Base, err = s.baseOf(r, name); err != nil {
		return d, err
	}
	if d.Comment, err = headerText(r, "Wiki-Comment"); err != nil {
		return d, err
	}
	if len(d.Token) > maxToken {
		return d, refuse(http.StatusBadRequest, "token", "An Idempotency-Key has at most %d bytes.", maxToken)
	}
	switch strings.ToLower(r.Header.Get("Wiki-Merge")) {
	case "", "no":
	case "yes":
		d.Merge = true
	default:
		return d, refuse(http.StatusBadRequest, "merge", "Wiki-Merge is yes or no.")
	}
	return d, nil
}

// plainly refuses a save that could be understood in two ways, or that would
// be stored as something else than its sender meant.
func plainly(r *http.Request, author string) error {
	for _, header := range []string{"If-None-Match", "Idempotency-Key", "Wiki-Merge", "Wiki-Comment", "Wiki-Author", "Content-Type"} {
		if len(r.Header.Values(header)) > 1 {
			return refuse(http.StatusBadRequest, "header", "%s stands more than once in the request; send it once.", header)
		}
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return refuse(http.StatusUnsupportedMediaType, "encoding", "Send the bytes as they are, without the Content-Encoding “%.40s”.", coding)
	}
	if r.Header.Get("Content-Range") != "" {
		return refuse(http.StatusBadRequest, "range", "A page or a file is saved whole, without Content-Range.")
	}
	if !utf8.ValidString(author) {
		return refuse(http.StatusBadRequest, "header", "The author's name is not valid UTF-8.")
	}
	return nil
}

// baseOf reads the preconditions of a save (RFC 9110, section 13.1).
func (s *Site) baseOf(r *http.Request, name string) (page.Base, error) {
	match, none := strings.Join(r.Header.Values("If-Match"), ","), strings.TrimSpace(r.Header.Get("If-None-Match"))
	switch {
	case match != "" && none != "":
		return page.Base{}, refuse(http.StatusBadRequest, "precondition", "Send If-Match or If-None-Match, not both.")
	case none == "*":
		return page.OnNothing(), nil
	case none != "":
		return page.Base{}, refuse(http.StatusBadRequest, "precondition", "If-None-Match of a save can only be *.")
	case match == "":
		return page.Base{}, nil
	case strings.TrimSpace(match) == "*":
		return page.OnAnything(), nil
	}
	return s.baseOfTags(match, name)
}

// baseOfTags takes the tag of a list that fits the page, or else its first.
func (s *Site) baseOfTags(match, name string) (page.Base, error) {
	tags, ok := entityTags(match)
	if !ok {
		return page.Base{}, refuse(http.StatusBadRequest, "precondition", `If-Match is * or a tag in quotes, as ETag gave it.`)
	}
	if len(tags) > 1 {
		view, err := s.Pages.View(name)
		if err != nil {
			return page.Base{}, err
		}
		for _, tag := range tags {
			if tag == view.Tag {
				return page.OnTag(tag), nil
			}
		}
	}
	return page.OnTag(tags[0]), nil
}

// entityTags reads a list of tags. W/ is dropped: a proxy that compresses
// weakens tags on their way, and a view tag names a text exactly either way.
func entityTags(list string) (tags []string, ok bool) {
	for item := range strings.SplitSeq(list, ",") {
		tag := strings.TrimPrefix(strings.TrimSpace(item), "W/")
		if len(tag) < 2 || tag[0] != '"' || tag[len(tag)-1] != '"' {
			return nil, false
		}
		if tag = tag[1 : len(tag)-1]; strings.Contains(tag, `"`) {
			return nil, false
		}
		tags = append(tags, tag)
	}
	return tags, true
}

// seen tells whether If-None-Match of a GET names the tag.
func seen(r *http.Request, tag string) bool {
	none := strings.TrimSpace(r.Header.Get("If-None-Match"))
	if none == "*" {
		return tag != ""
	}
	tags, ok := entityTags(none)
	for _, t := range tags {
		if ok && t == tag && tag != "" {
			return true
		}
	}
	return false
}

// headerText reads a text from a header: UTF-8 as it stands, or percent-encoded
// as in RFC 8187, for clients that cannot send other than ASCII.
func headerText(r *http.Request, header string) (string, error) {
	text := r.Header.Get(header)
	if encoded, ok := strings.CutPrefix(text, "UTF-8''"); ok {
		decoded, err := url.PathUnescape(encoded)
		if err != nil {
			return "", refuse(http.StatusBadRequest, "header", "%s is not well percent-encoded.", header)
		}
		text = decoded
	}
	if !utf8.ValidString(text) {
		return "", refuse(http.StatusBadRequest, "header", "%s is not valid UTF-8.", header)
	}
	return text, nil
}
