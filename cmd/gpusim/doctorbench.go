package main

import (
	"context"
	"errors"
	"fmt"

	"gpusim/doctor"
	"gpusim/gpu/glctx"
)

// doctorBench times the gamma network beside what is predicted for GPUs.
func (a *app) doctorBench(ctx context.Context, name string, asJSON bool) error {
	if name == "cpu" {
		return usagef("--bench and --device cpu: what is predicted is for OpenGL; --bench needs it")
	}
	c, err := openContext(a.gl)
	if err != nil {
		if errors.Is(err, glctx.ErrNoContext) {
			err = fmt.Errorf("nothing to time: %w", err)
		}
		return err
	}
	defer c.Close()
	d := newDiagnosis()
	d.describe(c)
	var all []doctor.Speed
	if !asJSON {
		a.printDevices(d)
		fmt.Fprintf(a.out, "ns a neuron and step, gamma network; predicted: see bench/model.md\n%-22s %9s", "neurons x instances", "here")
	}
	err = doctor.Bench(ctx, c, func(s doctor.Speed) {
		all = append(all, s)
		if asJSON {
			return
		}
		if len(all) == 1 {
			for _, p := range s.Predicted {
				fmt.Fprintf(a.out, "  %16s", p.GPU)
			}
			fmt.Fprintln(a.out)
		}
		fmt.Fprintf(a.out, "%-22s %9.3g", fmt.Sprintf("%d x %d", s.Neurons, s.Instances), s.Measured)
		for _, p := range s.Predicted {
			fmt.Fprintf(a.out, "  %16s", fmt.Sprintf("%.2g to %.2g", p.Low, p.Top))
		}
		fmt.Fprintln(a.out)
	})
	if err != nil || !asJSON {
		return err
	}
	return a.printJSON(all)
}
