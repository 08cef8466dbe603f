package network

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"gpusim/model"
	"gpusim/model/ir"
)

// The hash of a design is that of its points: not of how they are written.
func TestDesignHash(t *testing.T) {
	hash := func(sweep string) string { return DesignHash(swept(t, sweep).Sweep) }
	first := hash("{gaba.g_max: {from: 1, to: 3, points: 3}}")
	for _, same := range []string{
		"{gaba.g_max: {values: [1, 2, 3]}}",
		"{design: zip, gaba.g_max: {values: [1, 2, 3]}}",
		"{points: [{gaba.g_max: 1}, {gaba.g_max: 2}, {gaba.g_max: 3}]}",
	} {
		if hash(same) != first {
			t.Errorf("%s has another hash", same)
		}
	}
	seen := map[string]string{first: "the first"}
	for _, other := range []string{
		"{gaba.g_max: {values: [1, 2, 3.0000000000000004]}}",
		"{gaba.g_max: {values: [2, 1, 3]}}",
		"{gaba.g_max: {values: [1, 2]}}",
		"{gaba.E: {values: [1, 2, 3]}}",
		"{gaba.g_max: {values: [1, 2, 3]}, seeds: 1}",
		"{gaba.g_max: {values: [1, 2, 3]}, seeds: [2]}",
		"{method: {values: [euler, rk4]}}",
		"{method: {values: [rk4, euler]}}",
		"{models.wang_buzsaki.method: {values: [rk4, euler]}}",
		"{design: random, points: 3, gaba.g_max: {from: 1, to: 3}}",
		"{design: random, points: 3, seed: 2, gaba.g_max: {from: 1, to: 3}}",
	} {
		h := hash(other)
		if was := seen[h]; was != "" {
			t.Errorf("%s has the hash of %s", other, was)
		}
		seen[h] = other
	}
	// It stays what it was, as files of sweeps that were begun have it.
	const want = "d925e632260ee3c47d54525f8e2b7911f1b97637799c91ed27868f72303dddb7"
	if first != want {
		t.Errorf("the hash is %s, and was %s", first, want)
	}
}

// Points go to groups by their structure, which come in the order of the points.
func TestGroups(t *testing.T) {
	for _, c := range []struct{ sweep, want string }{
		{"{gaba.g_max: {values: [1, 2]}}", "[: [0 1] [0]]"},
		{"{interneurons.size: {values: [5, 4]}, gaba.g_max: {values: [1, 2]}}", "[interneurons.size=5: [0 1] [1] interneurons.size=4: [2 3] [1]]"},
		{"{gaba.g_max: {values: [1, 2]}, method: {values: [rk4, euler]}, seeds: 2}",
			"[method=rk4: [0 1 4 5] [0 2] method=euler: [2 3 6 7] [0 2]]"},
	} {
		f := swept(t, c.sweep)
		var got []string
		for _, g := range Groups(f) {
			got = append(got, fmt.Sprintf("%s: %v %v", g.Text, g.Points, g.Given))
			if h, err := g.File(); err != nil || g.Text == "" && h != f {
				t.Errorf("%s: %v", g.Text, err)
			}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", c.sweep, got, c.want)
		}
	}
	if Groups(&model.File{}) != nil {
		t.Error("groups of no sweep")
	}
}

// buildsDevice is a device that tells of what it builds.
type buildsDevice struct {
	*fakeDevice
	built func()
}

func (d *buildsDevice) Build(p *ir.Program, instances int) (Engine, error) {
	d.built()
	return d.fakeDevice.Build(p, instances)
}

// Points are handed out as they are done, those of one structure after those of
// another, and flushed; a sweep that is cut short has handed out what was done.
func TestGroupsCutShort(t *testing.T) {
	f := swept(t, "{gaba.g_max: {from: 0, to: 3, points: 4}, method: {values: [rk4, euler]}}")
	full := errors.New("no space left")
	for _, c := range []struct {
		only  []int
		stop  bool // cancel in the second structure
		fails int  // the point at which Each fails
		want  string
	}{
		{nil, false, -1, "[0 2 4 6 1 3 5 7]"},
		{[]int{1, 2, 3, 6}, false, -1, "[2 6 1 3]"},
		{[]int{1, 3}, false, -1, "[1 3]"},
		{nil, true, -1, "[0 2 4 6]"},
		{nil, false, 1, "[0 2 4 6 1]"},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		var got []int
		flushed, builds := 0, 0
		d := &buildsDevice{&fakeDevice{slice: 40}, func() {
			if builds++; builds == 2 && c.stop {
				cancel()
			}
		}}
		_, err := Sweep(ctx, f, d, &SweepOptions{Only: c.only, Mode: Repeat,
			Each: func(k int, p Point) error {
				if got = append(got, k); k == c.fails {
					return full
				}
				return nil
			},
			Flush: func() error { flushed = len(got); return nil },
		})
		cancel()
		if fmt.Sprint(got) != c.want || c.stop != IsCancelled(err) || errors.Is(err, full) != (c.fails >= 0) {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
		if c.fails < 0 && flushed != len(got) {
			t.Errorf("%+v: %d of %d flushed", c, flushed, len(got))
		}
	}
}
