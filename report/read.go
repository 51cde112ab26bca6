package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"mailflow/diag"
)

// Read reads a case file or an XML report back: the events of the run, from
// which a Report can be made again. It tells the two apart by what is in them.
func Read(from io.Reader) ([]diag.Event, error) {
	in := bufio.NewReaderSize(from, 4096)
	head, err := in.Peek(512)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if mark := []byte("\xef\xbb\xbf"); bytes.HasPrefix(head, mark) {
		head = head[len(mark):]
		in.Discard(len(mark))
	}
	head = bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(head) == 0:
		return nil, errors.New("nothing in it: neither a case file nor an XML report")
	case bytes.Contains(head, []byte(`"`+schema+`"`)):
		return nil, errors.New("a JSON report cannot be read back; the case file (.jsonl) and the XML report can")
	case len(head) > 13 && bytes.EqualFold(head[:14], []byte("<!doctype html")):
		return nil, errors.New("an HTML report cannot be read back; the case file (.jsonl) and the XML report can")
	case head[0] == '<':
		return readXML(&bounded{from: in, left: maxRead, most: maxToken})
	case head[0] == '{':
		return diag.ReadEvents(&bounded{from: in, left: maxRead, token: maxRead})
	}
	return nil, fmt.Errorf("neither a case file nor an XML report: it begins with %q", Visible(clip(string(head), 20)))
}
