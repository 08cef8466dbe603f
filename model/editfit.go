package model

import (
	"strings"
	"unicode/utf8"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// FitOptions changes the section fit, as flags of gpusim fit do.
type FitOptions struct {
	Params   []Override // --param NAME=FROM:TO: these replace its parameters
	Maximize string     // --maximize; this and the next two replace its goal
	Minimize string     // --minimize
	Targets  []Override // --target MEASURE=VALUE

	Population, Generations, Evaluations string // whole numbers; "" is what the file says
}

// editFit applies the flags of gpusim fit to the section fit.
func (l *loader) editFit() {
	o := &l.opts.Fit
	if len(o.Params) > 0 {
		l.editBounds(o.Params)
	}
	l.editGoal(o)
	for _, x := range []struct{ key, text string }{
		{"population", o.Population}, {"generations", o.Generations}, {"evaluations", o.Evaluations},
	} {
		if x.text != "" {
			_, at := flagSource("--"+x.key, x.text)
			l.setFit(x.key, at, yamltree.NewScalar(x.text, at))
		}
	}
}

// setFit sets a key of the section fit, which it makes where there is none.
func (l *loader) setFit(key string, at diag.Pos, value *yamltree.Node) {
	if n := l.root.Value("fit"); n == nil || n.IsNull() {
		l.root.Delete("fit")
		l.root.Set(yamltree.NewMap(at, false), "fit")
	}
	l.root.Set(value, "fit", key)
}

func (l *loader) editBounds(params []Override) {
	var all *yamltree.Node
	for _, o := range params {
		_, at := flagSource("--param", o.Name+"="+o.Value)
		if o.Name == "" || o.Value == "" {
			l.errorf(at, "--param needs NAME=FROM:TO or NAME=log:FROM:TO")
			continue
		}
		if all == nil {
			all = yamltree.NewMap(at, false)
			l.setFit("parameters", at, all)
		}
		if all.Entry(o.Name) != nil {
			l.errorf(at, "--param %s is given twice", o.Name)
			continue
		}
		col := at
		col.Col += utf8.RuneCountInString(o.Name) + 1
		bounds := yamltree.NewMap(col, true)
		keys, text := []string{"from", "to"}, o.Value
		if rest, is := strings.CutPrefix(text, "log:"); is {
			keys, text = []string{"log_from", "log_to"}, rest
			col.Col += len("log:")
		}
		parts := strings.Split(text, ":")
		if len(parts) != 2 {
			l.errorf(bounds.Pos, "the bounds are FROM:TO or log:FROM:TO, not %s", quoted(o.Value)).Hint =
				"what else there is to say of a parameter, as where its search begins, is said in the file"
			continue
		}
		for i, key := range keys {
			bounds.Entries = append(bounds.Entries, &yamltree.Entry{Key: key, KeyPos: col, Value: trimmed(parts[i], col)})
			col.Col += utf8.RuneCountInString(parts[i]) + 1
		}
		all.Entries = append(all.Entries, &yamltree.Entry{Key: o.Name, KeyPos: at, Value: bounds})
	}
}

func (l *loader) editGoal(o *FitOptions) {
	given := 0
	for _, x := range []struct{ key, measure string }{{"maximize", o.Maximize}, {"minimize", o.Minimize}} {
		if x.measure == "" {
			continue
		}
		given++
		_, at := flagSource("--"+x.key, x.measure)
		goal := yamltree.NewMap(at, true)
		goal.Entries = append(goal.Entries, &yamltree.Entry{Key: x.key, KeyPos: at, Value: yamltree.NewScalar(x.measure, at)})
		l.setFit("goal", at, goal)
	}
	var targets *yamltree.Node
	for _, t := range o.Targets {
		_, at := flagSource("--target", t.Name+"="+t.Value)
		if targets == nil {
			given++
			targets = yamltree.NewMap(at, true)
			goal := yamltree.NewMap(at, true)
			goal.Entries = append(goal.Entries, &yamltree.Entry{Key: "targets", KeyPos: at, Value: targets})
			l.setFit("goal", at, goal)
		}
		if targets.Entry(t.Name) != nil {
			l.errorf(at, "--target %s is given twice", t.Name)
			continue
		}
		value := at
		value.Col += utf8.RuneCountInString(t.Name) + 1
		targets.Entries = append(targets.Entries, &yamltree.Entry{Key: t.Name, KeyPos: at, Value: trimmed(t.Value, value)})
	}
	if given > 1 {
		_, at := flagSource("--maximize", o.Maximize)
		if o.Maximize == "" {
			_, at = flagSource("--minimize", o.Minimize)
		}
		l.errorf(at, "a fit has one goal: --maximize, --minimize or --target")
	}
}
