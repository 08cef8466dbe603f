package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"gpusim/network"
)

// silent is leaky without spikes or records: a run of it may be as long as it
// likes.
var silent = strings.NewReplacer("th: 2", "th: 1e9", "record: [spikes, {V: {every: 4}}]", "record: []").Replace(leaky)

// client is the other end of a session.
type client struct {
	t       *testing.T
	to      *io.PipeWriter
	from    *bufio.Reader
	result  chan error
	closing *io.PipeReader
}

func newClient(t *testing.T, ctx context.Context) *client {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	c := &client{t: t, to: inW, from: bufio.NewReader(outR), result: make(chan error, 1), closing: outR}
	o := options
	o.Tell = 10 * time.Millisecond
	go func() { c.result <- Serve(ctx, inR, outW, o) }()
	c.next() // the first line
	return c
}

func (c *client) send(lines ...string) {
	c.t.Helper()
	for _, line := range lines {
		if _, err := io.WriteString(c.to, strings.TrimSuffix(line, "\n")+"\n"); err != nil {
			c.t.Fatal(err)
		}
	}
}

// answer is a line of the server.
type answer struct {
	ID       any
	Result   map[string]any
	Error    *struct{ Code, Message, Place string }
	Progress *struct{ Done, Total int64 }
}

func (c *client) next() answer {
	c.t.Helper()
	line, err := c.from.ReadString('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		c.t.Fatalf("%v: %s", err, line)
	}
	return a
}

const endless = `{"id":1,"op":"run","steps":1000000000000,"want":[]}`

// TestCancel cancels a run that is going, which its progress shows. What waits
// behind it is done, and the network can be used on.
func TestCancel(t *testing.T) {
	c := newClient(t, context.Background())
	c.send(loadLine(silent))
	c.next()
	c.send(endless, `{"id":2,"op":"get","names":["a.V"]}`, `{"id":"x","op":"run","steps":1000000000000}`)
	if a := c.next(); a.Progress == nil || a.Progress.Total != 1000000000000 || a.Progress.Done <= 0 || a.ID != 1.0 {
		t.Fatalf("%+v, want progress", a)
	}
	c.send(`{"id":3,"op":"cancel","of":"x"}`)
	for {
		a := c.next()
		if a.Progress == nil {
			if a.ID != 3.0 || a.Result["cancelled"] != 1.0 {
				t.Errorf("%+v", a)
			}
			break
		}
	}
	c.send(`{"id":4,"op":"cancel","of":1}`)
	done := 0.0
	for _, check := range []func(a answer) bool{
		func(a answer) bool { return a.ID == 4.0 && a.Result["cancelled"] == 1.0 },
		func(a answer) bool {
			done, _ = a.Result["steps"].(float64)
			return a.ID == 1.0 && a.Result["status"] == "interrupted" && done > 0
		},
		func(a answer) bool { return a.ID == 2.0 && a.Result != nil },
		func(a answer) bool {
			return a.ID == "x" && a.Error != nil && a.Error.Code == "cancelled" && a.Error.Message == "cancelled before it began"
		},
	} {
		a := c.next()
		for a.Progress != nil {
			a = c.next()
		}
		if !check(a) {
			t.Errorf("%+v", a)
		}
	}
	c.send(`{"id":5,"op":"run","steps":3,"want":[],"reset":false}`)
	if a := c.next(); a.Result["first"] != done || a.Result["steps"] != 3.0 {
		t.Errorf("it does not go on after %g steps: %+v", done, a)
	}
	c.send(`{"id":6,"op":"cancel","of":5}`)
	if a := c.next(); a.Result["cancelled"] != 0.0 {
		t.Errorf("%+v", a)
	}

	// A sweep too; and more waits than may.
	c.send(`{"id":7,"op":"sweep","points":{"I0":[1,2]},"steps":1000000000000}`)
	for a := c.next(); a.Progress == nil; a = c.next() {
	}
	answers := make(chan answer)
	go func() {
		for {
			line, err := c.from.ReadString('\n')
			if err != nil {
				close(answers)
				return
			}
			var a answer
			_ = json.Unmarshal([]byte(line), &a)
			answers <- a
		}
	}()
	go func() {
		for k := range maxWaiting + 1 {
			fmt.Fprintf(c.to, `{"id":%d,"op":"reset"}`+"\n", 100+k)
		}
		fmt.Fprintln(c.to, `{"id":8,"op":"cancel"}`)
		c.to.Close()
	}()
	count := map[string]int{}
	for a := range answers {
		switch {
		case a.Error != nil:
			count[a.Error.Code+": "+a.Error.Message]++
		case a.ID == 7.0 && a.Progress == nil:
			if a.Result["status"] != "interrupted" || a.Result["points"] != 0.0 {
				t.Errorf("%+v", a)
			}
			c.closing.CloseWithError(nil)
		case a.ID == 8.0 && a.Result["cancelled"] != maxWaiting+1.0:
			t.Errorf("%+v", a)
		}
		if count["cancelled: cancelled before it began"] == maxWaiting {
			break
		}
	}
	if n := count["busy: 1000 requests are waiting: read the answers first"]; n != 1 {
		t.Errorf("%d requests were one too many, want 1: %v", n, count)
	}
}

// TestClosedOutput ends a run of which nobody reads the answers.
func TestClosedOutput(t *testing.T) {
	c := newClient(t, context.Background())
	c.send(loadLine(silent))
	c.next()
	c.send(endless)
	c.next() // its progress
	c.closing.CloseWithError(errors.New("gone"))
	if err := <-c.result; err == nil || err.Error() != "writing the answers: gone" {
		t.Error(err)
	}
}

// TestInterrupted ends a session by its context: what the run did is answered.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := newClient(t, ctx)
	c.send(loadLine(silent))
	c.next()
	c.send(endless)
	c.next()
	cancel()
	a := c.next()
	for a.Progress != nil {
		a = c.next()
	}
	if a.Result["status"] != "interrupted" {
		t.Errorf("%+v", a)
	}
	if err := <-c.result; !network.IsCancelled(err) {
		t.Error(err)
	}
	// And where nothing is going.
	ctx, cancel = context.WithCancel(context.Background())
	c = newClient(t, ctx)
	cancel()
	if err := <-c.result; !network.IsCancelled(err) {
		t.Error(err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("a broken wire") }

func TestInput(t *testing.T) {
	// The end of the input ends the session, after what came before it, with the
	// last line's end or without. A line that is too long is passed over.
	long := `{"id":1,"op":"get","names":["` + strings.Repeat("x", maxLine) + `"]}`
	lines, err := talk(t, context.Background(), "\n  \r\n"+long+"\n"+`{"id":2,"op":"run"}`+"\r\n"+`{"id":3,"op":"close"}`)
	want := []string{
		`{"id":null,"error":{"code":"bad_json","message":"the line has more than 67108864 bytes; give large arrays as .npy files"}}`,
		`{"id":2,"error":{"code":"not_loaded","message":"there is no network yet: load one first"}}`,
		`{"id":3,"result":{}}`,
	}
	if err != nil || strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("%v: %q", err, lines)
	}
	for _, op := range []string{"describe", "set", "get", "reset", "record", "sweep", "counters"} {
		lines, err := talk(t, context.Background(), `{"id":2,"op":"`+op+`"}`)
		if err != nil || lines[0] != want[1] {
			t.Errorf("%s before a load: %v, %s", op, err, lines)
		}
	}
	// After close nothing is answered.
	if lines, err = talk(t, context.Background(), "{\"id\":3,\"op\":\"close\"}\n{\"id\":4,\"op\":\"get\"}\n"); err != nil || len(lines) != 1 {
		t.Errorf("%v: %q", err, lines)
	}
	var out bytes.Buffer
	if err := Serve(context.Background(), broken{}, &out, options); err == nil || err.Error() != "reading the requests: a broken wire" {
		t.Error(err)
	}
}

// TestFailedLoadKeeps loads what fails over what runs.
func TestFailedLoadKeeps(t *testing.T) {
	text := loadLine(leaky) + `{"id":1,"op":"run","want":["spikes"]}` + "\n"
	for _, bad := range []string{`"device":"gpu"`, `"device":"cpu","set":{"a.tua":1}`, `"device":"cpu","set":{"a.V":"1/0"}`, `"device":"auto","set":{"a.V":"1/0"}`} {
		text += strings.Replace(loadLine(leaky), `"device":"cpu"`, bad, 1) + `{"id":1,"op":"run","want":["spikes"]}` + "\n"
	}
	lines, err := talk(t, context.Background(), text)
	if err != nil {
		t.Fatal(err)
	}
	clean := func(s string) string { return varying.ReplaceAllString(s, "") }
	runs, faults := 0, 0
	for _, line := range lines[1:] {
		switch {
		case strings.HasPrefix(line, `{"id":1,`):
			if runs++; clean(line) != clean(lines[1]) {
				t.Errorf("%s, before %s", line, lines[1])
			}
		case strings.Contains(line, `"error":`):
			faults++
		}
	}
	if runs != 5 || faults != 4 {
		t.Errorf("%d runs and %d errors, want 5 and 4: %s", runs, faults, lines)
	}
}
