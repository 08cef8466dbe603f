package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"gpusim/examples"
)

// leaving is a way to run the gamma network that leaves more than spikes.
type leaving struct {
	name string
	args []string
}

var leavings = []leaving{
	{"spikes alone, as it is", nil},
	{"V every 25 steps (1 ms)", []string{"--set", "interneurons.record=[spikes, {V: {every: 25}}]"}},
	{"V of 2 neurons at every step", []string{"--set", "interneurons.record=[spikes, {V: {of: [0, 1]}}]"}},
	{"the mean of V at every step", []string{"--set", "interneurons.record=[spikes, {V: {mean: true}}]"}},
	{"V at every step", []string{"--set", "interneurons.record=[spikes, V]"}},
	{"a checkpoint every 0.2 s", []string{"--checkpoint", "CHECKPOINT", "--checkpoint-every", "0.2"}},
}

// overheads says what recordings and checkpoints add to a run of the gpusim program
// that writes its results.
func overheads(ctx context.Context, w io.Writer, m *machine, o options) error {
	ms := "20000"
	if o.quick {
		ms = "2000"
	}
	file := filepath.Join(m.scratch, "leaving.yaml")
	if err := os.WriteFile(file, []byte(examples.Gamma), 0o666); err != nil {
		return err
	}
	out := filepath.Join(m.scratch, "leaving.out")
	bytes := make([]int64, len(leavings))
	var programs []*program
	for k, l := range leavings {
		args := []string{"run", "--quiet", "--force", "--device", "gpu", "--out", out, "--to", ms, file}
		for _, a := range l.args {
			if a == "CHECKPOINT" {
				a = filepath.Join(m.scratch, "leaving.checkpoint")
			}
			args = append(args, a)
		}
		programs = append(programs, &program{name: l.name, run: func(ctx context.Context) (sample, error) {
			if text, err := exec.CommandContext(ctx, o.gpusim, args...).CombinedOutput(); err != nil {
				return sample{}, fmt.Errorf("%s: %w: %s", o.gpusim, err, text)
			}
			var summary struct {
				Seconds struct{ Run float64 }
			}
			text, err := os.ReadFile(filepath.Join(out, "summary.json"))
			if err == nil {
				err = json.Unmarshal(text, &summary)
			}
			if err == nil {
				bytes[k], err = sizeOf(out)
			}
			return sample{seconds: summary.Seconds.Run}, err
		}})
	}
	if err := measure(ctx, programs, min(5, o.rounds)); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n## What recordings and checkpoints add\n\n`gpusim run` of 100 neurons for %s ms, from the first step to the last; its files are written meanwhile. Ratios of a round.\n\n", ms)
	fmt.Fprintln(w, "| what is left | median s | times spikes alone | bytes of results |")
	fmt.Fprintln(w, "|---|---|---|---|")
	for k, p := range programs {
		r := ratios(p.seconds, programs[0].seconds)
		fmt.Fprintf(w, "| %s | %.3f | %.2f (%.2f to %.2f) | %d |\n", p.name, median(p.seconds), median(r), slices.Min(r), slices.Max(r), bytes[k])
	}
	return nil
}

// sizeOf is the bytes of the files of a folder.
func sizeOf(dir string) (total int64, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !e.IsDir() {
			total += info.Size()
		}
	}
	return total, err
}
