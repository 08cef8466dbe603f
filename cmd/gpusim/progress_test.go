package main

import (
	"testing"
	"time"
)

// What stands beside the bar.
func TestBesideTheBar(t *testing.T) {
	for _, c := range []struct {
		p    *progress
		done int64
		took time.Duration
		want string
	}{
		{&progress{total: 1000, stepMs: 0.04}, 0, 0, ""},
		{&progress{total: 1000, stepMs: 0.04}, 250, 2 * time.Second, ", 6s left, 5 ms/s"},
		{&progress{total: 1 << 40}, 1 << 30, time.Minute, ", 17h3m0s left"},
		{&progress{total: 10, points: 11}, 0, time.Second, ", 0 of 11 points"},
		{&progress{total: 10, points: 1}, 5, time.Second, ", 1s left, 0 of 1 point"},
	} {
		if got := c.p.beside(c.done, c.took); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.done, c.p.total, got, c.want)
		}
	}
	p := &progress{points: 3}
	p.point()
	p.point()
	if got := p.beside(0, 0); got != ", 2 of 3 points" {
		t.Error(got)
	}
}
