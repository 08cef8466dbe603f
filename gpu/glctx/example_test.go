package glctx_test

import (
	"fmt"
	"log"

	"gpusim/gpu/glctx"
)

// The squares of a few numbers, computed on whatever device there is.
func Example() {
	c, err := glctx.OpenEGL(glctx.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	x := []float32{1, 2, 3, 4}
	err = c.Do("square the numbers", func(g *glctx.GL) error {
		b, err := g.NewBuffer("numbers", 4*len(x))
		if err != nil {
			return err
		}
		p, err := g.NewProgram("square", `#version 430
			layout(local_size_x = 4) in;
			layout(std430, binding = 0) buffer Numbers { float x[]; };
			void main() { x[gl_LocalInvocationIndex] *= x[gl_LocalInvocationIndex]; }`)
		if err != nil {
			return err
		}
		if err := g.Upload(b, 0, glctx.Bytes(x)); err != nil {
			return err
		}
		if err := g.Dispatch(p, 1, []glctx.Binding{{Index: 0, Buffer: b}}); err != nil {
			return err
		}
		return g.Download(b, 0, glctx.Bytes(x))
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x)
	// Output: [1 4 9 16]
}
