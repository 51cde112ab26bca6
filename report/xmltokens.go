package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// next reads a token within the bounds.
func (x *xmlReader) next() (xml.Token, error) {
	x.in.token = x.in.most
	token, err := x.dec.Token()
	if err != nil {
		return nil, err
	}
	switch token.(type) {
	case xml.StartElement:
		if x.depth++; x.depth > maxDepth {
			return nil, fmt.Errorf("more than %d elements within each other", maxDepth)
		}
	case xml.EndElement:
		x.depth--
	case xml.Directive:
		return nil, errors.New("a document type (DOCTYPE) is not accepted")
	}
	return token, nil
}

// child reads to the next element in the element that is open; nil when that
// one ends. Text between elements has no place in a report.
func (x *xmlReader) child() (*xml.StartElement, error) {
	for {
		token, err := x.next()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		case xml.CharData:
			if text := strings.TrimSpace(string(t)); text != "" {
				return nil, fmt.Errorf("text between elements: %q", clip(text, 20))
			}
		}
	}
}

// text reads to the end of an element that holds text only.
func (x *xmlReader) text() (string, error) {
	var out strings.Builder
	for {
		token, err := x.next()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return "", fmt.Errorf("%s within a text", Visible(t.Name.Local))
		case xml.EndElement:
			return out.String(), nil
		case xml.CharData:
			out.Write(t)
		}
	}
}

// skip reads over the element that is open.
func (x *xmlReader) skip() error {
	for outside := x.depth - 1; x.depth > outside; {
		if _, err := x.next(); err != nil {
			return err
		}
	}
	return nil
}

// bounded ends a reader with an error where the whole, or what the decoder
// reads for one token, grows too large.
type bounded struct {
	from        io.Reader
	left        int64 // of the whole
	most, token int64 // of one token: at most, and left
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 || b.token <= 0 {
		return 0, errors.New("larger than a report can be")
	}
	n, err := b.from.Read(p[:min(int64(len(p)), 4096)])
	b.left -= int64(n)
	b.token -= int64(n)
	return n, err
}
