package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"gpusim/examples"
)

// starts times the gpusim program on the gamma network, from the start of the
// process to its end with the results written: with empty caches, and again.
func starts(ctx context.Context, w io.Writer, m *machine, o options) error {
	file := filepath.Join(m.scratch, "gamma.yaml")
	if err := os.WriteFile(file, []byte(examples.Gamma), 0o666); err != nil {
		return err
	}
	run := func(what, caches string) (float64, error) {
		cmd := exec.CommandContext(ctx, o.gpusim, what, "--force", "--out", filepath.Join(m.scratch, "gamma.out"), file)
		cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(caches, "xdg"),
			"MESA_SHADER_CACHE_DIR="+filepath.Join(caches, "mesa"), "MESA_GLSL_CACHE_DIR="+filepath.Join(caches, "mesa"))
		return timed(func() error {
			if text, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w: %s", o.gpusim, err, text)
			}
			return nil
		})
	}
	var cold, warm, sweep []float64
	for range o.rounds {
		for _, x := range []struct {
			what  string
			times []*[]float64 // with the same caches, which are empty at first
		}{{"run", []*[]float64{&cold, &warm}}, {"sweep", []*[]float64{&sweep}}} {
			caches, err := os.MkdirTemp(m.scratch, "caches-")
			if err != nil {
				return err
			}
			for _, into := range x.times {
				seconds, err := run(x.what, caches)
				if err != nil {
					return err
				}
				*into = append(*into, seconds)
			}
		}
	}
	fmt.Fprintf(w, "\n## From the start of the process to the result\n\n`gpusim run examples/gamma.yaml`, files written; cold: XDG_CACHE_HOME and MESA_SHADER_CACHE_DIR are empty folders.\n\n")
	for _, x := range []struct {
		name    string
		seconds []float64
		limit   float64
	}{{"cold", cold, 1}, {"warm", warm, 0.25}} {
		verdict := "MISSED"
		if median(x.seconds) < x.limit {
			verdict = "OK"
		}
		fmt.Fprintf(w, "- %s (under %g s): **%s**, %.0f ms (%.0f to %.0f)\n", x.name, x.limit, verdict,
			median(x.seconds)*1e3, slices.Min(x.seconds)*1e3, slices.Max(x.seconds)*1e3)
	}
	verdict, times := "MISSED", notebookSweep/median(sweep)
	if times >= 50 {
		verdict = "OK"
	}
	fmt.Fprintf(w, "- `gpusim sweep examples/gamma.yaml`, cold, figure and all files: %.0f ms (%.0f to %.0f); the notebook's %d s, quoted, against it (at least 50): **%s**, %.0f\n",
		median(sweep)*1e3, slices.Min(sweep)*1e3, slices.Max(sweep)*1e3, notebookSweep, verdict, times)
	return nil
}

// shortRuns times runs of one step, each with another value of a parameter.
func shortRuns(ctx context.Context, w io.Writer, m *machine, t *task, o options) error {
	const times = 10000
	n := t.gpu
	if err := n.Reset(); err != nil {
		return err
	}
	was, err := n.Get("gaba.g_max")
	if err != nil {
		return err
	}
	before := n.Counters()
	var each []float64
	for k := range times {
		seconds, err := timed(func() error {
			if err := n.Set("gaba.g_max", was[0]*(1+float64(k)/times)); err != nil {
				return err
			}
			_, err := n.RunSteps(ctx, 1)
			return err
		})
		if err != nil {
			return err
		}
		each = append(each, seconds)
	}
	after := n.Counters()
	if err := n.Set("gaba.g_max", was[0]); err != nil {
		return err
	}
	if err := n.Reset(); err != nil {
		return err
	}
	slices.Sort(each)
	empty, err := emptyDispatch(m.gpu)
	if err != nil {
		return err
	}
	one, more := runEngine("1 step", t.engine, 1), runEngine("1,025 steps", t.engine, 1025)
	if err := measure(ctx, []*program{one, more}, 3*o.rounds); err != nil {
		return err
	}
	kernel := median(differences(more.seconds, one.seconds)) / 1024
	fmt.Fprintf(w, "\n## One step, repeated\n\n%d runs of 1 step of the network of %d neurons, `gaba.g_max` changed before each:\n"+
		"%.1f us each (median; the middle half %.1f to %.1f), of which %.1f us are the step in the kernel and %.1f us what an empty dispatch takes until it is known to be done.\n"+
		"%.1f us are left for the host: setting, uploading, downloading, decoding.\n%d dispatches; %.1f bytes up and %.1f bytes down a run; %d rebuilds.\n",
		times, t.size, 1e6*median(each), 1e6*each[times/4], 1e6*each[3*times/4], 1e6*kernel, 1e6*empty,
		1e6*(median(each)-kernel-empty), after.Dispatches-before.Dispatches,
		float64(after.BytesUploaded-before.BytesUploaded)/times, float64(after.BytesDownloaded-before.BytesDownloaded)/times, n.Rebuilds())
	return nil
}
