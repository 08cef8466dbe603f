package gpu

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gpusim/gpu/glctx"
	"gpusim/model/diag"
	"gpusim/model/ir"
	"gpusim/shaders"
)

// KernelError is a generated kernel that the driver does not compile or link. It
// is an error in gpusim, whatever the file says.
type KernelError struct {
	Network string   // its file
	Places  []string // of the model, with their text, that the driver's log is about; none where it names no statement
	Err     error    // the *glctx.ShaderError
}

// Error says whose error it is, and names the places in the model before the
// driver's own words.
func (e *KernelError) Error() string {
	s := fmt.Sprintf("gpu: the driver does not accept a kernel that gpusim generated for %s: this is an error in gpusim, not in the file; please report it with the file and this text", e.Network)
	for _, p := range e.Places {
		s += "\nthe kernel's line is of " + p
	}
	return s + "\n" + e.Err.Error()
}

// Unwrap gives the driver's error.
func (e *KernelError) Unwrap() error { return e.Err }

// newProgram compiles a generated kernel.
func (e *Engine) newProgram(g *glctx.GL, name, source string) (p *glctx.Program, err error) {
	if spoil := e.d.opts.sabotage.source; spoil != nil {
		source = spoil(source)
	}
	if e.d.opts.CheckRaces {
		p, err = e.watched(g, name, source)
	} else {
		p, err = g.NewProgram(name, source)
	}
	return p, e.ofKernel(err)
}

// ofKernel says whose the error of a generated kernel is.
func (e *Engine) ofKernel(err error) error {
	var refused *glctx.ShaderError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return &KernelError{networkName(e.p), places(e.p, refused), err}
	}
	return fmt.Errorf("building %s: %w", e.p.Name, err)
}

func networkName(p *ir.Program) string {
	if p.Source != nil {
		return p.Source.Name
	}
	return p.Name
}

// placeComment is what package shaders writes behind a statement of the model.
var placeComment = regexp.MustCompile(` // (.+):(\d+)$`)

// places finds the places in the model that a driver's log is about: those in the
// comments of the lines that it names. What a statement needs first stands above it
// without a comment of its own.
func places(p *ir.Program, e *glctx.ShaderError) (out []string) {
	lines := strings.Split(e.Source, "\n")
	sources := sourcesOf(p)
	for _, n := range e.Lines() {
		m := placeComment.FindStringSubmatch(lines[n-1])
		for m == nil && n < len(lines) && strings.Contains(lines[n-1], " = ") {
			n++
			m = placeComment.FindStringSubmatch(lines[n-1])
		}
		if m == nil {
			continue
		}
		place := m[1] + ":" + m[2]
		if line, err := strconv.Atoi(m[2]); err == nil && sources[m[1]] != nil {
			place += ": " + strings.TrimSpace(sources[m[1]].Line(line))
		}
		if !slices.Contains(out, place) {
			out = append(out, place)
		}
	}
	return out
}

// sourcesOf are the texts that a program's statements come from, by the names that
// comments have.
func sourcesOf(p *ir.Program) map[string]*diag.Source {
	out := map[string]*diag.Source{}
	add := func(s *diag.Source) {
		if s != nil {
			out[shaders.FileName(s.Name)] = s
		}
	}
	add(p.Source)
	statements := func(list []ir.Stmt) {
		for _, s := range list {
			switch s := s.(type) {
			case *ir.Let:
				add(s.At.Source)
			case *ir.Store:
				add(s.At.Source)
			}
		}
	}
	for i := range p.Populations {
		statements(p.Populations[i].Update)
		statements(p.Populations[i].Reset)
	}
	for i := range p.Projections {
		statements(p.Projections[i].Update)
		for _, list := range [][]ir.Output{p.Projections[i].Events, p.Projections[i].Outputs} {
			for _, o := range list {
				add(o.At.Source)
			}
		}
	}
	return out
}
