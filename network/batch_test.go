package network

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"gpusim/model"
)

// sizes lets a batchSize choose, on a device that takes so long for n points.
func sizes(todo int, o SweepOptions, takes func(n int) time.Duration) (list []int) {
	b := newBatchSize(o, todo)
	for done := 0; done < todo; {
		n := min(b.size, todo-done)
		b.took(n, takes(n))
		list, done = append(list, n), done+n
	}
	return list
}

func TestBatchSize(t *testing.T) {
	// A device of so many lanes takes as long for one point as for all of them.
	lanes := func(n int, each time.Duration) func(int) time.Duration {
		return func(points int) time.Duration { return time.Duration((points+n-1)/n) * each }
	}
	for _, c := range []struct {
		name  string
		todo  int
		o     SweepOptions
		takes func(int) time.Duration
		want  string
	}{
		{"a small sweep is one batch", 11, SweepOptions{}, lanes(1, time.Second), "[11]"},
		{"more would not be faster", 300, SweepOptions{}, lanes(2, time.Millisecond), "[64 128 64 44]"},
		{"as long as it is", 2000, SweepOptions{}, lanes(512, time.Millisecond), "[64 128 256 512 1024 16]"},
		{"and then no more", 5000, SweepOptions{}, lanes(256, time.Millisecond), "[64 128 256 512 256 256 256"},
		{"never longer than all", 200, SweepOptions{}, lanes(10000, time.Millisecond), "[64 128 8]"},
		{"fewer where it takes long", 300, SweepOptions{}, lanes(4, time.Second), "[64 32 32 32"},
		{"but not fewer than are fast", 600, SweepOptions{}, lanes(32, 20*time.Second), "[64 32 16 32 32 32"},
		{"nor than one", 70, SweepOptions{}, lanes(1, time.Minute), "[64 6]"},
		{"one by one", 200, SweepOptions{}, lanes(1, time.Minute), "[64 32 16 8 4 2 1 1 1 1"},
		{"as it is said", 10, SweepOptions{Batch: 4}, lanes(1, time.Second), "[4 4 2]"},
		{"one after another", 3, SweepOptions{Mode: Repeat}, lanes(9, time.Second), "[1 1 1]"},
	} {
		if got := fmt.Sprint(sizes(c.todo, c.o, c.takes)); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	b := newBatchSize(SweepOptions{}, 1000)
	for _, want := range []int{32, 16, 8, 4, 2, 1} {
		if !b.halve(b.size) || b.size != want {
			t.Fatalf("half is %d, want %d", b.size, want)
		}
	}
	if b.took(1, time.Millisecond); b.size != 1 || b.halve(1) {
		t.Error("more than fit")
	}
}

func swept(t testing.TB, sweep string) *model.File {
	return parse(t, gammaText+"measure: [{rate: {of: interneurons}}]\nsweep: "+sweep+"\n")
}

// Points are handed out in order, each once, and Flush after those of a batch.
func TestEach(t *testing.T) {
	f := swept(t, "{inputs.0.value: {from: 0, to: 9, points: 10}}")
	d := &fakeDevice{slice: 40}
	var log []string
	r, err := Sweep(context.Background(), f, d, &SweepOptions{Batch: 4, Only: []int{0, 1, 3, 4, 5, 8, 9},
		Each: func(k int, p Point) error {
			log = append(log, fmt.Sprintf("%d %v %s", k, p.Values, p.Status))
			return nil
		},
		Flush: func() error { log = append(log, "flush"); return nil },
	})
	ok(t, err)
	want := []string{"0 [0] ok", "1 [1] ok", "3 [3] ok", "4 [4] ok", "flush", "5 [5] ok", "8 [8] ok", "9 [9] ok", "flush"}
	if !slices.Equal(log, want) || r.Points != nil || r.Instances != 4 || r.Steps != 100 {
		t.Errorf("%q, %+v", log, r)
	}
	// One program, which takes another number of instances for the last batch.
	if len(d.engines) != 1 || !d.last().closed || !slices.Contains(d.last().log, "resize 3") {
		t.Errorf("%d engines, %q", len(d.engines), d.last().log)
	}
}

// An error of what takes the points ends the sweep, and is its error.
func TestEachFails(t *testing.T) {
	f := swept(t, "{inputs.0.value: {from: 0, to: 9, points: 10}}")
	full := errors.New("no space left")
	for _, o := range []SweepOptions{
		{Each: func(k int, _ Point) error { return map[bool]error{true: full}[k == 3] }},
		{Each: func(int, Point) error { return nil }, Flush: func() error { return full }},
	} {
		o.Batch = 2
		before := runtime.NumGoroutine()
		d := &fakeDevice{}
		if r, err := Sweep(context.Background(), f, d, &o); !errors.Is(err, full) || r != nil || !d.last().closed {
			t.Errorf("%v, %v", r, err)
		}
		for i := 0; runtime.NumGoroutine() > before && i < 100; i++ {
			time.Sleep(time.Millisecond)
		}
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines more", n-before)
		}
	}
}

// What was done before the sweep is cancelled is handed out.
func TestSweepCancelled(t *testing.T) {
	f := swept(t, "{inputs.0.value: {from: 0, to: 9, points: 10}}")
	for _, c := range []struct {
		mode Mode
		want string
	}{{Batch, "[0 ok 1 ok 2 ok 3 ok 4 ok 5 ok 6 interrupted 7 interrupted 8 interrupted]"}, {Repeat, "[0 ok 1 ok 2 ok 3 ok 4 ok 5 ok 6 ok]"}} {
		ctx, cancel := context.WithCancel(context.Background())
		var got []any
		_, err := Sweep(ctx, f, &fakeDevice{slice: 40}, &SweepOptions{Mode: c.mode, Batch: 3,
			Each: func(k int, p Point) error { got = append(got, k, p.Status); return nil },
			Progress: func(done, total int) {
				if done > 7*total/10 {
					cancel()
				}
			}})
		cancel()
		if !IsCancelled(err) || fmt.Sprint(got) != c.want {
			t.Errorf("mode %d: %v, %v", c.mode, err, got)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := Sweep(ctx, f, &fakeDevice{}, nil); !IsCancelled(err) || len(r.Points) != 0 {
		t.Errorf("before it began: %v, %v", r, err)
	}
}

func TestOnly(t *testing.T) {
	f := swept(t, "{inputs.0.value: {from: 0, to: 9, points: 10}}")
	for _, c := range []struct {
		only []int
		want string
	}{
		{[]int{3, 10}, "point 10: the points to do are ascending numbers from 0 to 9"},
		{[]int{-1}, "point -1: the points to do are ascending numbers from 0 to 9"},
		{[]int{3, 3}, "point 3: the points to do are ascending numbers from 0 to 9"},
	} {
		if _, err := Sweep(context.Background(), f, &fakeDevice{}, &SweepOptions{Only: c.only}); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, want %s", c.only, err, c.want)
		}
	}
	r, err := Sweep(context.Background(), f, &fakeDevice{}, &SweepOptions{Only: []int{}})
	if err != nil || len(r.Points) != 0 {
		t.Errorf("none: %v, %v", r, err)
	}
}

// Several names, of which each has a value an instance, go over to another number of
// instances together.
func TestResize(t *testing.T) {
	f := swept(t, "{interneurons.V: {values: [-60, -50, -40]}, run.seed: {values: [1, 2, 3]}, gaba.g_max: {values: [0, 1, 2]}}")
	want, err := Sweep(context.Background(), f, &fakeDevice{}, nil)
	ok(t, err)
	got, err := Sweep(context.Background(), f, &fakeDevice{}, &SweepOptions{Batch: 4})
	ok(t, err)
	if len(want.Points) != 27 || !reflect.DeepEqual(got.Points, want.Points) {
		t.Errorf("%v\n%v", got.Points, want.Points)
	}
}
