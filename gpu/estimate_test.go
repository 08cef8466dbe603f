package gpu_test

import (
	"context"
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

// TestEstimateOfRecords: of a record the device holds, and gives, what is kept.
func TestEstimateOfRecords(t *testing.T) {
	for record, width := range map[string]int{"x": 300, "{x: {of: [5, 7, 5, 299]}}": 3, "{x: {of: '10:40'}}": 30, "{x: {mean: true}}": 1, "x, {x: {mean: true, of: [1, 2, 9]}}": 301} {
		text := strings.Replace(sized(300), "record: [spikes]", "record: ["+record+"]", 1)
		for _, form := range []string{gpu.FormFused, gpu.FormStepped} {
			o := gpu.Options{Form: form, Invocations: 32, Slice: 64}
			e, p := mustBuild(t, o, text, model.Shapes{}, 2)
			before := e.Counters().BytesDownloaded
			if _, err := e.Run(context.Background(), 0, 64, nil); err != nil {
				t.Fatal(err)
			}
			d, err := gpu.Open(o)
			if err != nil {
				t.Fatal(err)
			}
			x, err := d.Estimate(p, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range x.Buffers {
				if want := int64(64 * width * 4 * 2); b.Name == "records" && b.Bytes != want {
					t.Errorf("%s, %s: %d bytes of records, expected %d", record, form, b.Bytes, want)
				}
			}
			// Beside the rows: two words of spikes a neuron, and the status.
			status := int64(4 * 2 * 2)
			if form == gpu.FormStepped {
				status *= 2
			}
			if got, want := e.Counters().BytesDownloaded-before, int64(64*width*4*2+2*300*4*2)+status; got != want {
				t.Errorf("%s, %s: %d bytes down, expected %d", record, form, got, want)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
