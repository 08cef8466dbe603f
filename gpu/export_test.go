package gpu

import (
	"gpusim/gpu/glctx"
	"gpusim/shaders"
)

// Sabotaged are options whose kernels watch for races and are spoiled first: their
// texts, and the passes of the stepped form. Either may be nil.
func Sabotaged(o Options, source func(string) string, passes func([]shaders.Pass) []shaders.Pass) Options {
	o.CheckRaces, o.sabotage = true, sabotage{source, passes}
	return o
}

// Watch runs a kernel so many times, watched, over buffers of so many words by
// binding.
func Watch(c *glctx.Context, source string, groups, times int, words ...int) error {
	return c.Do("watching", func(g *glctx.GL) error {
		w := &watch{kernels: map[*glctx.Program]*shaders.Checked{}}
		p, err := w.compile(g, "test", source)
		if err != nil {
			return err
		}
		defer g.DeleteProgram(p)
		var bindings []glctx.Binding
		for i, n := range words {
			b, err := g.NewBuffer("test", 4*n)
			if err != nil {
				return err
			}
			defer g.DeleteBuffer(b)
			bindings = append(bindings, glctx.Binding{Index: i, Buffer: b})
		}
		if err := w.allocate(g, bindings, groups); err != nil {
			return err
		}
		defer g.DeleteBuffer(w.shadow)
		for range times {
			if err := w.dispatch(g, p, groups, bindings); err != nil {
				return err
			}
		}
		return nil
	})
}
