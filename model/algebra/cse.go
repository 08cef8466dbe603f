package algebra

import (
	"fmt"
	"strconv"

	"gpusim/model/ir"
)

// keys gives expressions numbers that two share exactly when they are equal.
// Subexpressions have numbers of their own, so that what stands for an
// expression is short however large it is.
type keys struct {
	numbers map[string]int
	known   map[ir.Expr]int
}

func (k *keys) of(e ir.Expr) int {
	n, ok := k.known[e]
	if ok {
		return n
	}
	text := k.text(e)
	if n, ok = k.numbers[text]; !ok {
		n = len(k.numbers)
		k.numbers[text] = n
	}
	k.known[e] = n
	return n
}

func (k *keys) text(e ir.Expr) string {
	switch e := e.(type) {
	case *ir.Const:
		return "c" + strconv.FormatFloat(e.V, 'g', -1, 64)
	case *ir.Load:
		return fmt.Sprintf("v%d.%d.%d", e.Var, e.Side, e.Ago)
	case *ir.Temp:
		return fmt.Sprintf("t%d", e.ID)
	case *ir.Time:
		return "t"
	case *ir.Index:
		return fmt.Sprintf("i%d", e.Start)
	case *ir.Within:
		return fmt.Sprintf("w%d.%d", e.Start, e.Stop)
	case *ir.During:
		return fmt.Sprintf("d%d.%d", e.From, e.Until)
	case *ir.Select:
		return fmt.Sprintf("?%d:%d:%d", k.of(e.If), k.of(e.Then), k.of(e.Else))
	case *ir.Apply:
		text := e.Op.String()
		for _, a := range e.Args {
			text += fmt.Sprintf(",%d", k.of(a))
		}
		return text
	}
	panic("algebra: unknown expression")
}

// Share names the subexpressions that occur more than once in a run of Lets
// at the start of stmts, each by a Let of its own before its first use. Only
// that run is touched: a Store after it changes what Loads read. newTemp makes
// a temporary.
func Share(stmts []ir.Stmt, newTemp func(bool) *ir.Temp) []ir.Stmt {
	n := letsOf(stmts)
	keys := &keys{map[string]int{}, map[ir.Expr]int{}}
	count := map[int]int{}
	var visit func(e ir.Expr)
	visit = func(e ir.Expr) {
		if !worthSharing(e) {
			return
		}
		k := keys.of(e)
		if count[k]++; count[k] > 1 {
			return // its parts are shared with it
		}
		switch e := e.(type) {
		case *ir.Apply:
			for _, a := range e.Args {
				visit(a)
			}
		case *ir.Select:
			visit(e.If)
			visit(e.Then)
			visit(e.Else)
		}
	}
	for _, s := range stmts[:n] {
		visit(s.(*ir.Let).Expr)
	}
	var out []ir.Stmt
	named := map[int]*ir.Temp{}
	var current *ir.Let
	var rewrite func(e ir.Expr, top bool) ir.Expr
	rewrite = func(e ir.Expr, top bool) ir.Expr {
		k, shared := 0, false
		if worthSharing(e) {
			k = keys.of(e)
			if shared = count[k] > 1; named[k] != nil {
				return named[k]
			}
		}
		r := e
		switch e := e.(type) {
		case *ir.Apply:
			args := make([]ir.Expr, len(e.Args))
			for i, a := range e.Args {
				args[i] = rewrite(a, false)
			}
			r = &ir.Apply{Op: e.Op, Args: args}
		case *ir.Select:
			r = &ir.Select{If: rewrite(e.If, false), Then: rewrite(e.Then, false), Else: rewrite(e.Else, false)}
		}
		if !shared {
			return r
		}
		if top {
			named[k] = current.Temp
			return r
		}
		t := newTemp(ir.IsBool(e))
		out = append(out, &ir.Let{Temp: t, Expr: r, At: current.At})
		named[k] = t
		return t
	}
	for _, s := range stmts[:n] {
		current = s.(*ir.Let)
		e := rewrite(current.Expr, true)
		out = append(out, &ir.Let{Temp: current.Temp, Name: current.Name, Expr: e, At: current.At})
	}
	return append(out, stmts[n:]...)
}

// letsOf is how many Lets stmts begins with.
func letsOf(stmts []ir.Stmt) int {
	n := 0
	for n < len(stmts) {
		if _, ok := stmts[n].(*ir.Let); !ok {
			break
		}
		n++
	}
	return n
}

// worthSharing leaves out what is as cheap as naming it.
func worthSharing(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.Select:
		return true
	case *ir.Apply:
		return e.Op != ir.Neg
	}
	return false
}
