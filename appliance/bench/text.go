package bench

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/argss/argss/wiki"
)

// textBytes is how long a page's text is.
const textBytes = 2000

// Author writes revisions as a wiki of some size has them: pages of sentences
// whose words follow Zipf's law, each edit changing one sentence of one page.
// The same seed writes the same revisions.
type Author struct {
	random *rand.Rand
	salts  *rand.ChaCha8
	zipf   *rand.Zipf
	words  []string
	pages  []paper
	serial int64
}

// paper is a page as its author remembers it.
type paper struct {
	name      string
	sentences []string
	head      []wiki.ID
}

// NewAuthor returns an author of that many pages, none written yet.
func NewAuthor(seed uint64, pages int) *Author {
	var key [32]byte
	key[0] = byte(seed)
	a := &Author{random: rand.New(rand.NewPCG(seed, 1)), salts: rand.NewChaCha8(key), pages: make([]paper, pages)}
	a.zipf = rand.NewZipf(a.random, 1.1, 4, 7999)
	a.words = a.vocabulary(8000)
	for i := range a.pages {
		a.pages[i].name = fmt.Sprintf("%s/%s %d-%d", a.words[i%64], a.words[i%len(a.words)], seed, i)
	}
	return a
}

// vocabulary makes words of syllables, the frequent ones short.
func (a *Author) vocabulary(n int) []string {
	consonants, vowels := strings.Split("b c d f g h l m n p r s t v w st tr ch sh th", " "), strings.Split("a e i o u ea ou", " ")
	words := make([]string, n)
	for i := range words {
		for range 1 + i*3/n + a.random.IntN(3) {
			words[i] += consonants[a.random.IntN(len(consonants))] + vowels[a.random.IntN(len(vowels))]
		}
	}
	return words
}

func (a *Author) sentence() string {
	var b strings.Builder
	for i := range 8 + a.random.IntN(12) {
		word := a.words[a.zipf.Uint64()]
		switch {
		case i == 0:
			word = strings.ToUpper(word[:1]) + word[1:]
		case a.random.IntN(25) == 0:
			word = "[[" + word + "]]"
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	b.WriteString(".\n")
	return b.String()
}

// Text returns the text of a page nobody wrote before.
func (a *Author) Text() string {
	var p paper
	a.edit(&p)
	return strings.Join(p.sentences, "")
}

func (a *Author) edit(p *paper) {
	if len(p.sentences) > 0 {
		p.sentences[a.random.IntN(len(p.sentences))] = a.sentence()
		return
	}
	for size := 0; size < textBytes; {
		s := a.sentence()
		p.sentences = append(p.sentences, s)
		size += len(s)
	}
}

// Write returns the next n revisions, each following the last one of its page.
func (a *Author) Write(n int) ([]wiki.Revision, error) {
	revisions := make([]wiki.Revision, n)
	for i := range revisions {
		p := &a.pages[a.random.IntN(len(a.pages))]
		a.edit(p)
		a.serial++
		salt, err := wiki.NewSalt(a.salts)
		if err != nil {
			return nil, err
		}
		h := wiki.Header{Page: p.name, Parents: p.head, Author: "ada", Kind: wiki.Edit, Time: 1_700_000_000_000 + 1000*a.serial}
		r, err := wiki.New(h, wiki.Body{Type: wiki.Markdown, Comment: "a sentence", Content: strings.Join(p.sentences, "")}, salt)
		if err != nil {
			return nil, err
		}
		p.head = []wiki.ID{r.ID}
		revisions[i] = r
	}
	return revisions, nil
}
