package algebra

import (
	"fmt"
	"strconv"
	"strings"

	"gpusim/model/ir"
)

// key is a text that two expressions share exactly when they are equal.
func key(e ir.Expr) string {
	switch e := e.(type) {
	case *ir.Const:
		return strconv.FormatFloat(e.V, 'g', -1, 64)
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
		return "(" + key(e.If) + "?" + key(e.Then) + ":" + key(e.Else) + ")"
	case *ir.Apply:
		args := make([]string, len(e.Args))
		for i, a := range e.Args {
			args[i] = key(a)
		}
		return e.Op.String() + "(" + strings.Join(args, ",") + ")"
	}
	panic("algebra: unknown expression")
}

// Share names the subexpressions that occur more than once in a run of Lets
// at the start of stmts, each by a Let of its own before its first use. Only
// that run is touched: a Store after it changes what Loads read. newTemp makes
// a temporary.
func Share(stmts []ir.Stmt, newTemp func(bool) *ir.Temp) []ir.Stmt {
	n := 0
	for n < len(stmts) {
		if _, ok := stmts[n].(*ir.Let); !ok {
			break
		}
		n++
	}
	count := map[string]int{}
	var visit func(e ir.Expr)
	visit = func(e ir.Expr) {
		if !worthSharing(e) {
			return
		}
		k := key(e)
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
	named := map[string]*ir.Temp{}
	var current *ir.Let
	var rewrite func(e ir.Expr, top bool) ir.Expr
	rewrite = func(e ir.Expr, top bool) ir.Expr {
		k := ""
		if worthSharing(e) {
			if k = key(e); named[k] != nil {
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
		if k == "" || count[k] < 2 {
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
