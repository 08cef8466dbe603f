package gpu_test

import (
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/model"
)

// TestEstimate compares what is said before anything is built with what is
// then held on the device.
func TestEstimate(t *testing.T) {
	for _, form := range []string{gpu.FormFused, gpu.FormStepped} {
		for _, instances := range []int{1, 7} {
			f, _, err := model.Parse("t.yaml", []byte(sized(300)), "", model.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			p, err := model.Lower(f, model.Shapes{})
			if err != nil {
				t.Fatal(err)
			}
			d, err := gpu.Open(gpu.Options{Form: form, Invocations: 32})
			if err != nil {
				t.Fatal(err)
			}
			x, err := d.Estimate(p, instances)
			if err != nil {
				t.Fatal(err)
			}
			if c := d.Context().Counters(); c.ProgramsBuilt != 0 || c.LiveBuffers != 0 {
				t.Errorf("%d programs and %d buffers for an estimate", c.ProgramsBuilt, c.LiveBuffers)
			}
			e, err := d.Build(p, instances)
			if err != nil {
				t.Fatal(err)
			}
			var bytes int64
			for _, b := range x.Buffers {
				bytes += max(16, (b.Bytes+15)/16*16) // as buffers are rounded up
			}
			if c := d.Context().Counters(); c.LiveBytes != bytes || c.LiveBuffers != len(x.Buffers) {
				t.Errorf("%s, %d instances: %d bytes in %d buffers, estimated %d in %d", form, instances, c.LiveBytes, c.LiveBuffers, bytes, len(x.Buffers))
			}
			if x.Form != form || !strings.HasPrefix(e.Plan()[0], form) {
				t.Errorf("form %s, then %q; want %s", x.Form, e.Plan()[0], form)
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
