package model

import (
	"gpusim/model/yamltree"
)

func (l *loader) readRun(e *yamltree.Entry) {
	s := l.fields(e.Value, "run", "start", "duration", "seed")
	if s == nil {
		return
	}
	r := &l.file.Run
	r.Seed = 1
	if n := l.need(s, e.Value, "duration", "run"); n != nil {
		if v, ok := l.number(n.Value, "the duration"); ok {
			r.Duration = v
			steps := v / l.file.Dt
			switch {
			case v <= 0:
				l.errorf(n.Value.Pos, "the duration is a time in ms greater than 0, not %s", num(v))
			case l.file.Dt > 0 && steps > 1<<52:
				l.errorf(n.Value.Pos, "the duration is %s steps of dt %s ms: too many to count", num(steps), num(l.file.Dt))
			}
		}
	}
	if n := s["start"]; n != nil {
		if v, ok := l.number(n.Value, "the start"); ok {
			r.Start = v
			if v < 0 {
				l.errorf(n.Value.Pos, "the start is a time of at least 0, not %s", num(v))
			} else if l.file.Dt > 0 && v/l.file.Dt > 1<<52 {
				l.errorf(n.Value.Pos, "the start is too many steps of dt %s ms to count", num(l.file.Dt))
			}
		}
	}
	if n := s["duration"]; n != nil && l.file.Dt > 0 && r.Duration > 0 && r.Start/l.file.Dt <= 1<<52 && l.file.Steps() == 0 {
		l.errorf(n.Value.Pos, "the duration, %s ms, is less than one step of dt %s ms", num(r.Duration), num(l.file.Dt))
	}
	if n := s["seed"]; n != nil && !n.Value.IsNull() {
		if v, ok := l.seed(n.Value, "the seed"); ok {
			r.Seed = v
		}
	}
}
