// Package glctx implements a compute-only OpenGL 4.3 core context: buffers with a
// byte ledger, compute programs, dispatches and fences, without a window or a
// display.
//
// A [Context] owns one goroutine locked to one OS thread, because OpenGL calls on
// any other thread fail in silence. All work goes through [Context.Do], which runs
// a function on that thread and hands it a [GL]; the operations are methods of GL,
// so a call on the wrong thread cannot be written:
//
//	err := c.Do("double the numbers", func(g *glctx.GL) error {
//		if err := g.Upload(b, 0, data); err != nil {
//			return err
//		}
//		if err := g.Dispatch(p, 1, []glctx.Binding{{Index: 0, Buffer: b}}); err != nil {
//			return err
//		}
//		return g.Download(b, 0, data)
//	})
//
// One Do costs two switches of threads (40 microseconds on a virtual machine of two
// cores), so a caller puts a whole slice of work into one.
// What the driver reports, through glGetError or KHR_debug, Do returns as an error
// that says what was being done.
//
// # Process-wide state
//
// The package go-gl keeps the addresses of the OpenGL functions in variables of the
// process. Every context fills them anew, from the same loader and hence with the
// same addresses, so several contexts live side by side; a lock keeps that filling
// apart from running calls. Two things follow. A function given to Do must not open
// a context, nor wait for someone who does. And an Options.ProcAddr hook sees the
// calls of every context of the process until the next context is opened; it is for
// tests only.
package glctx
