package couch

// shape is how many values a JSON text holds, about, by its commas outside
// strings. It is taken before the text is read into memory, where each value
// costs fifty times the two bytes it can be written in.
type shape struct {
	shallow int // at most two levels deep: documents, names and their lists
	deepest int // the most below one of those
	all     int
}

// maxValues bounds the values of one document: a file of wiki.MaxBlobs pieces
// has three times as many.
const maxValues = 1 << 16

// maxAll bounds the values of a request: as many as 32 MiB of files have.
const maxAll = 1 << 20

// perDocument bounds the shallow values a request may have for each document
// it may name: a name, and the versions asked for.
const perDocument = 4

// shapeOf counts in one pass. Of a text that is no JSON it says something
// harmless.
func shapeOf(data []byte) shape {
	var s shape
	depth, deep, quoted := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',':
			s.all++
			if depth <= 2 {
				s.shallow++
				deep = 0
				continue
			}
			deep++
			s.deepest = max(s.deepest, deep)
		}
	}
	return s
}

// crowded refuses an outsider's text of many tiny values.
func (h *Handler) crowded(data []byte) error {
	s := shapeOf(data)
	if most := perDocument * h.config.Limits.Documents; s.shallow > most {
		return tooLarge("The request names more than %d things; send fewer at a time.", most)
	}
	if s.all > maxAll {
		return tooLarge("The request has more than %d values; send fewer documents at a time.", maxAll)
	}
	if s.deepest > maxValues {
		return tooLarge("One document of the request has more than %d values.", maxValues)
	}
	return nil
}
