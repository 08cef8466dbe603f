package model

import (
	"strings"
	"unicode/utf8"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// editSweep replaces the sweep of the file by the axes of --param.
func (l *loader) editSweep() {
	sweep := yamltree.NewMap(diag.Pos{Line: 1, Col: 1}, false)
	l.root.Delete("sweep")
	defer func() {
		if len(sweep.Entries) > 0 {
			l.root.Set(sweep, "sweep")
		}
	}()
	for _, o := range l.opts.Params {
		_, at := flagSource("--param", o.Name+"="+o.Value)
		if o.Name == "" || o.Value == "" {
			l.errorf(at, "--param needs NAME=FROM:TO:POINTS or NAME=A,B,C")
			continue
		}
		if sweep.Entry(o.Name) != nil {
			l.errorf(at, "--param %s is given twice", o.Name)
			continue
		}
		col := at
		col.Col += utf8.RuneCountInString(o.Name) + 1
		axis := yamltree.NewMap(col, true)
		if parts := strings.Split(o.Value, ":"); len(parts) == 3 || len(parts) == 2 && l.drawsPoints() {
			for i, key := range []string{"from", "to", "points"}[:len(parts)] {
				axis.Entries = append(axis.Entries, &yamltree.Entry{Key: key, KeyPos: col, Value: trimmed(parts[i], col)})
				col.Col += utf8.RuneCountInString(parts[i]) + 1
			}
		} else if len(parts) != 1 {
			l.errorf(col, "the points are FROM:TO:POINTS or A,B,C, or with --design FROM:TO, not %s", quoted(o.Value))
			continue
		} else {
			list := &yamltree.Node{Kind: yamltree.Seq, Pos: col, Flow: true}
			for _, part := range strings.Split(o.Value, ",") {
				list.Items = append(list.Items, trimmed(part, col))
				col.Col += utf8.RuneCountInString(part) + 1
			}
			axis.Entries = append(axis.Entries, &yamltree.Entry{Key: "values", KeyPos: at, Value: list})
		}
		sweep.Entries = append(sweep.Entries, &yamltree.Entry{Key: o.Name, KeyPos: at, Value: axis})
	}
}

// drawsPoints reports whether --design is given, so that ranges need no points.
func (l *loader) drawsPoints() bool {
	for _, o := range l.opts.Design {
		if o.Name == "design" {
			return true
		}
	}
	return false
}

// editDesign sets words of the sweep.
func (l *loader) editDesign() {
	for _, o := range l.opts.Design {
		flag := "--" + o.Name
		if o.Name == "seed" {
			flag = "--design-seed"
		}
		src, at := flagSource(flag, o.Value)
		n := yamltree.ParseValue(l.list, src, o.Value, at.Col)
		if n == nil {
			continue
		}
		if sweep := l.root.Value("sweep"); sweep != nil && sweep.Kind == yamltree.Seq {
			continue // it has an error of its own
		}
		l.root.Set(n, "sweep", o.Name)
	}
}
