package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"gpusim/model/lang"
)

// fields are the members of a JSON object, in their order. Its methods read one
// each, and keep the first thing that is wrong; end reports it.
type fields struct {
	at    string // what is before the names of members in the place of an error
	list  []field
	wrong *fault
}

type field struct {
	key   string
	value json.RawMessage
	read  bool
}

// readObject takes an object apart.
func readObject(text []byte, at string) (*fields, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('{') {
		return nil, errNoObject
	}
	f := &fields{at: at}
	known := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		x := field{key: key}
		if err := d.Decode(&x.value); err != nil {
			return nil, err
		}
		if known[key] {
			return nil, fmt.Errorf("the member %s is there twice", quoted(key))
		}
		known[key] = true
		f.list = append(f.list, x)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errTwoValues
	}
	return f, nil
}

var (
	errNoObject  = errors.New("it is not an object")
	errTwoValues = errors.New("there is more than one value in it")
)

// quoted is a text of a request in a message, not longer than one reads.
func quoted(s string) string {
	const most = 60
	if len(s) > most {
		return strconv.QuoteToASCII(s[:most]) + "..."
	}
	return strconv.QuoteToASCII(s)
}

func (f *fields) reject(key, format string, args ...any) {
	if f.wrong == nil {
		f.wrong = faultf(badRequest, f.at+key, "%s%s: %s", f.at, key, fmt.Sprintf(format, args...))
	}
}

// get gives a member, nil where there is none or null.
func (f *fields) get(key string) json.RawMessage {
	for i := range f.list {
		if x := &f.list[i]; x.key == key {
			x.read = true
			if string(x.value) == "null" {
				return nil
			}
			return x.value
		}
	}
	return nil
}

// has reports whether there is a member that is not null.
func (f *fields) has(key string) bool { return f.get(key) != nil }

// end reports what is wrong: a member that is not as it has to be, or that
// nobody reads.
func (f *fields) end() error {
	if f.wrong != nil {
		return f.wrong
	}
	for _, x := range f.list {
		if !x.read {
			return faultf(badRequest, f.at+x.key, "%s: there is no such member here", f.at+short(x.key))
		}
	}
	return nil
}

// short is a name in a message.
func short(name string) string {
	q := quoted(name)
	return strings.ReplaceAll(q[1:], `"`, "")
}

func (f *fields) text(key string) string {
	raw := f.get(key)
	var s string
	if raw != nil && json.Unmarshal(raw, &s) != nil {
		f.reject(key, "expected a text, found %s", kindOf(raw))
	}
	return s
}

func (f *fields) boolean(key string, otherwise bool) bool {
	raw := f.get(key)
	if raw == nil {
		return otherwise
	}
	b := otherwise
	if json.Unmarshal(raw, &b) != nil {
		f.reject(key, "expected true or false, found %s", kindOf(raw))
	}
	return b
}

// number gives a number, nil where there is none.
func (f *fields) number(key string) *float64 {
	raw := f.get(key)
	if raw == nil {
		return nil
	}
	x, ok := numberOf(raw)
	if !ok {
		f.reject(key, "expected a number, found %s", kindOf(raw))
		return nil
	}
	return &x
}

// whole gives a whole number of at least 0, -1 where there is none.
func (f *fields) whole(key string) int {
	x := f.number(key)
	if x == nil {
		return -1
	}
	if *x < 0 || *x != math.Trunc(*x) || *x > 1<<53 {
		f.reject(key, "expected a whole number from 0 to %d, found %s", int64(1)<<53, strconv.FormatFloat(*x, 'g', -1, 64))
		return -1
	}
	return int(*x)
}

// texts gives a list of texts, of which there are choices; nil where there is
// none.
func (f *fields) texts(key string) []string {
	raw := f.get(key)
	if raw == nil {
		return nil
	}
	list := []string{}
	if json.Unmarshal(raw, &list) != nil {
		f.reject(key, "expected a list of texts, found %s", kindOf(raw))
	}
	return list
}

// object gives the members of an object, nil where there is none.
func (f *fields) object(key string) *fields {
	raw := f.get(key)
	if raw == nil {
		return nil
	}
	o, err := readObject(raw, f.at+key+".")
	switch {
	case errors.Is(err, errNoObject):
		f.reject(key, "expected an object, found %s", kindOf(raw))
	case err != nil:
		f.reject(key, "%v", err)
	}
	return o
}

// choice gives one of the texts, or "".
func (f *fields) choice(key string, of ...string) string {
	s := f.text(key)
	if s != "" && !slices.Contains(of, s) {
		hint := ""
		if near := lang.Nearest(s, of); near != "" {
			hint = "; did you mean " + near + "?"
		}
		f.reject(key, "expected %s, found %s%s", strings.Join(of, ", "), quoted(s), hint)
	}
	return s
}

// numberOf reads a number that float64 has.
func numberOf(raw json.RawMessage) (float64, bool) {
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(raw), 64)
	return x, err == nil
}

// kindOf says what a value is.
func kindOf(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	if _, ok := numberOf(raw); ok {
		return "a number"
	}
	return "a number that is too large"
}
