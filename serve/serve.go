package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"gpusim/model/lang"
	"gpusim/network"
)

// Protocol is the version of the protocol. It changes where a client of the old
// one would no longer be understood.
const Protocol = 1

// Options are those of Serve.
type Options struct {
	// Version is that of the program, for the first line.
	Version string
	// Open opens the device of a name, with the plan that is forced on it, ""
	// for none. Note takes remarks for the user.
	Open func(device, plan string, note func(string)) (network.Device, error)
	// Memory is what a network's arrays may take, in bytes; 0 is what this
	// machine has.
	Memory int64
	// Tell is how often a run says how far it is; 0 is once a second.
	Tell time.Duration
}

// The most that one line may have, and that may wait.
const (
	maxLine    = 64 << 20 // bytes
	maxWaiting = 1000     // requests
)

// Serve answers the requests of in until it ends, or one closes, or out can no
// longer be written, which is an error. Where ctx is cancelled the run in hand
// ends between two slices, is answered, and the error is that of ctx.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	if o.Tell == 0 {
		o.Tell = time.Second
	}
	s := &session{opts: o, out: &writer{w: out}, jobs: make(chan *job, maxWaiting), inHand: map[string]*job{}}
	defer s.free()
	s.send(object{{"gpusim_protocol", Protocol}, {"gpusim", o.Version}, {"ops", opNames()}})
	var reading error // of in; written before jobs is closed
	go func() {
		reading = s.read(in)
		close(s.jobs)
	}()
	for {
		var j *job
		select {
		case <-ctx.Done():
			return ctx.Err()
		case j = <-s.jobs:
		}
		if j == nil {
			if err := s.out.failed(); err != nil {
				return fmt.Errorf("writing the answers: %w", err)
			}
			return reading
		}
		last := s.work(ctx, j)
		if err := s.out.failed(); err != nil {
			return fmt.Errorf("writing the answers: %w", err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if last {
			return nil
		}
	}
}

// id is what a client calls a request by: a number or a text, as it was written.
type id string

// job is a request that waits or is being worked on.
type job struct {
	id     id
	op     string
	fields *fields
	wrong  *fault // what is wrong with the line
	ctx    context.Context
	cancel context.CancelFunc
}

// session is what Serve keeps. The fields of the second group are of the
// goroutine that works.
type session struct {
	opts Options
	out  *writer
	jobs chan *job

	mu     sync.Mutex
	inHand map[string]*job // by id: waiting, or worked on

	job   *job
	asked time.Time // when it began, or last told how far it is
	files files
	*loaded
}

// read reads lines until there are no more. What it cancels it answers itself;
// all else waits for its turn.
func (s *session) read(in io.Reader) error {
	r := bufio.NewReaderSize(in, 1<<16)
	for {
		text, whole, err := readLine(r)
		if text = bytes.TrimSpace(text); len(text) > 0 || !whole {
			s.take(parse(text, whole))
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading the requests: %w", err)
		}
	}
}

// readLine reads a line. Of one that is too long it gives nothing, and whole is
// false.
func readLine(r *bufio.Reader) (text []byte, whole bool, err error) {
	whole = true
	for {
		part, err := r.ReadSlice('\n')
		if len(text)+len(part) > maxLine {
			text, whole = nil, false
		}
		if whole {
			text = append(text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, whole, err
		}
	}
}

// parse makes a request of a line.
func parse(text []byte, whole bool) *job {
	j := &job{id: "null"}
	if !whole {
		j.wrong = faultf(badJSON, "", "the line has more than %d bytes; give large arrays as .npy files", maxLine)
		return j
	}
	f, err := readObject(text, "")
	if err != nil {
		j.wrong = faultf(badJSON, "", "the line is not an object of JSON: %s", jsonError(err))
		return j
	}
	j.fields = f
	if name, ok := idOf(f.get("id")); ok {
		j.id = name
	} else {
		f.reject("id", "every request has one, a number or a text of at most 100 bytes")
	}
	j.op = f.choice("op", opNames()...)
	if j.op == "" {
		f.reject("op", "expected what to do, one of %v", opNames())
	}
	j.wrong = f.wrong
	return j
}

// idOf reads an id, and writes it in ASCII.
func idOf(raw json.RawMessage) (id, bool) {
	if len(raw) > 100 {
		return "", false
	}
	if _, ok := numberOf(raw); ok {
		return id(raw), true
	}
	var name string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &name) != nil {
		return "", false
	}
	e := encoder{}
	e.text(name)
	return id(e.b), true
}

// jsonError says what is wrong with a text, without Go's words for ends.
func jsonError(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return err.Error()
}

// take has a request wait for its turn.
func (s *session) take(j *job) {
	if j.wrong == nil && j.op == "cancel" {
		if of, err := j.of(); err == nil {
			s.cancel(j, of)
			return
		} else {
			j.wrong = faultOf(err, "")
		}
	}
	j.ctx, j.cancel = context.WithCancel(context.Background())
	s.mu.Lock()
	s.inHand[string(j.id)] = j
	s.mu.Unlock()
	select {
	case s.jobs <- j:
	default:
		s.done(j)
		s.refuse(j, faultf(busy, "", "%d requests are waiting: read the answers first", maxWaiting))
	}
}

// done takes a request out of those in hand.
func (s *session) done(j *job) {
	j.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inHand[string(j.id)] == j {
		delete(s.inHand, string(j.id))
	}
}

// of is the request that one to cancel is about; "" is all.
func (j *job) of() (id, error) {
	raw := j.fields.get("of")
	of, ok := idOf(raw)
	if raw != nil && !ok {
		j.fields.reject("of", "expected the id of a request, found %s", kindOf(raw))
	}
	return of, j.fields.end()
}

// cancel ends the request of an id, or all.
func (s *session) cancel(j *job, of id) {
	found := 0
	s.mu.Lock()
	for name, other := range s.inHand {
		if of == "" || name == string(of) {
			other.cancel()
			found++
		}
	}
	s.mu.Unlock()
	s.answer(j, object{{"cancelled", found}})
}

// work does a request and answers it. It reports whether that was the last one.
func (s *session) work(ctx context.Context, j *job) (last bool) {
	defer s.done(j)
	s.job, s.asked = j, time.Now()
	switch {
	case j.wrong != nil:
		s.refuse(j, j.wrong)
		return false
	case j.ctx.Err() != nil:
		s.refuse(j, faultf(cancelled, "", "cancelled before it began"))
		return false
	}
	stop := context.AfterFunc(ctx, j.cancel)
	defer stop()
	result, err := ops[j.op](s, j)
	s.done(j) // it cannot be cancelled any more, which the answer shows
	if err != nil {
		s.refuse(j, faultOf(err, ""))
		return false
	}
	s.answer(j, result)
	return j.op == "close"
}

// ops are what can be asked for, but cancel.
var ops = map[string]func(*session, *job) (object, error){
	"load":     (*session).load,
	"describe": (*session).describe,
	"set":      (*session).set,
	"get":      (*session).get,
	"reset":    (*session).reset,
	"record":   (*session).record,
	"run":      (*session).run,
	"sweep":    (*session).sweep,
	"counters": (*session).counters,
	"close":    (*session).close,
}

// opNames lists what can be asked for.
func opNames() []string {
	return []string{"load", "describe", "set", "get", "reset", "record", "run", "sweep", "counters", "cancel", "close"}
}

// send writes a line that is sure to be written: it has no large arrays.
func (s *session) send(o object) {
	e := encoder{}
	e.object(o)
	_ = s.out.line(e.b) // kept in s.out
}

func (s *session) refuse(j *job, f *fault) { s.send(object{{"id", j.id}, {"error", f.json()}}) }

func (s *session) answer(j *job, result object) {
	e := encoder{files: &s.files}
	e.object(object{{"id", j.id}, {"result", result}})
	if e.err != nil {
		s.refuse(j, faultOf(e.err, ""))
		return
	}
	_ = s.out.line(e.b) // kept in s.out
}

// note passes a remark on.
func (s *session) note(msg string) { s.send(object{{"id", s.job.id}, {"note", msg}}) }

// progress tells now and then how far a run is, and ends a run whose results
// nobody reads.
func (s *session) progress(done, total int) {
	if now := time.Now(); now.Sub(s.asked) >= s.opts.Tell {
		s.asked = now
		s.send(object{{"id", s.job.id}, {"progress", object{{"done", done}, {"total", total}}}})
	}
	if s.out.failed() != nil {
		s.job.cancel()
	}
}

// near is the end of a message that guesses what was meant.
func near(name string, of []string) string {
	if guess := lang.Nearest(name, of); guess != "" {
		return "; did you mean " + guess + "?"
	}
	return ""
}
