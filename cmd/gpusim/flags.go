package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gpusim/gpu"
	"gpusim/ledger"
	"gpusim/model"
)

// flags are those of the commands that run something.
type flags struct {
	load   model.LoadOptions
	pieces int
	device string
	plan   gpu.Options // of the kernels
	out    string
	force  bool
	json   bool
	quiet  bool
	report float64 // percent; 0: none

	// Of run: where it is saved, how often in seconds, and what it goes on from.
	checkpoint string
	every      *float64
	resume     string

	// Of sweep.
	mode       string
	batch      int  // 0: measured
	unfinished bool // goes on with what was not finished
	keepSpikes bool
	shard      *ledger.Shard
}

// fileFlags adds the flags that change what is read from the file.
func fileFlags(fs *pflag.FlagSet, o *model.LoadOptions) {
	fs.Func("set", "give a value, `NAME=VALUE`: gaba.g_max=0.001, interneurons.V=@v.npy, dt=0.02; repeatable", func(s string) error {
		return addOverride(&o.Set, s, "NAME=VALUE")
	})
	fs.Func("seed", "take `N` as the seed of all draws", func(s string) error {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return errors.New("a seed is a whole number from 0 to 18446744073709551615")
		}
		o.Seed = &n
		return nil
	})
	fs.Func("from", "begin the run at `MS`", timeFlag(&o.From))
	fs.Func("to", "end the run at `MS`", timeFlag(&o.To))
}

// designFlags adds the flags that say how the points of a sweep lie.
func designFlags(fs *pflag.FlagSet, o *model.LoadOptions) {
	word := func(flag, word, usage string) {
		fs.Func(flag, usage, func(s string) error {
			if strings.TrimSpace(s) == "" {
				return errors.New("it is empty")
			}
			o.Design = append(o.Design, model.Override{Name: word, Value: s})
			return nil
		})
	}
	word("design", "design", "lay the points by `NAME`: random, latin_hypercube or sobol, with --points N and --param NAME=FROM:TO; grid or zip")
	word("points", "points", "`N` points of a design")
	word("design-seed", "seed", "take `N` as the seed of the points of a design; 1 without it")
	word("seeds", "seeds", "run each point with `N` values of run.seed, from its own on, or with those of a list: [1, 5]")
}

// addRunFlags adds the flags of the commands that run something.
func addRunFlags(cmd *cobra.Command, f *flags) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fileFlags(fs, &f.load)
	f.pieces = 1
	fs.Func("pieces", "run in `K` pieces that carry state on", func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return errors.New("pieces are a whole number of at least 1")
		}
		f.pieces = n
		return nil
	})
	addWorkFlags(fs, f)
}

// addWorkFlags adds the flags that say where a command computes and what it
// writes.
func addWorkFlags(fs *pflag.FlagSet, f *flags) {
	f.device = "auto"
	fs.Func("device", "compute on `NAME`: auto (default), gpu, or cpu, in float64", oneOf(&f.device, "auto", "gpu", "cpu"))
	planFlag(fs, &f.plan)
	fs.StringVar(&f.out, "out", "", "write the results to the folder `DIR`")
	fs.BoolVar(&f.force, "force", false, "replace the results of an earlier run in DIR")
	fs.BoolVar(&f.json, "json", false, "print summary.json")
	fs.BoolVar(&f.quiet, "quiet", false, "no progress and no remarks on standard error, but for a missing OpenGL")
	fs.Func("report", "a line of progress every `PCT` percent, instead of a bar", func(s string) error {
		p, err := strconv.ParseFloat(s, 64)
		if err != nil || !(p >= 0.001 && p <= 100) {
			return errors.New("a percentage is a number from 0.001 to 100")
		}
		f.report = p
		return nil
	})
}

// addCheckpointFlags adds the flags of a run that is saved, or goes on.
func addCheckpointFlags(fs *pflag.FlagSet, f *flags) {
	fs.Func("checkpoint", "save the run to `FILE`, from which --resume goes on: at the end, every 300 s, and when it is interrupted", nonEmpty(&f.checkpoint))
	fs.Func("checkpoint-every", "save it every `S` seconds; 0: not while it goes on", func(s string) error {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || !(x >= 0 && x <= 1e8) {
			return errors.New("it is a number of seconds from 0 to 1e8")
		}
		f.every = &x
		return nil
	})
	fs.Func("resume", "go on with the run that was saved to `FILE`, to the same bits", nonEmpty(&f.resume))
}

func nonEmpty(to *string) func(string) error {
	return func(s string) error {
		if s == "" {
			return errors.New("it is the path of a file")
		}
		*to = s
		return nil
	}
}

// planFlag adds the flag that forces the kernels of the OpenGL path.
func planFlag(fs *pflag.FlagSet, o *gpu.Options) {
	fs.Func("plan", "run the kernels of `PLAN`: fused or stepped, with the invocations of a workgroup and their deal, as in fused:64:tiled; no result depends on it", o.ParsePlan)
}

func timeFlag(to **float64) func(string) error {
	return func(s string) error {
		t, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(t) || math.IsInf(t, 0) {
			return errors.New("a time is a number of ms")
		}
		*to = &t
		return nil
	}
}

func oneOf(to *string, names ...string) func(string) error {
	return func(s string) error {
		for _, name := range names {
			if s == name {
				*to = s
				return nil
			}
		}
		return fmt.Errorf("it is one of %s", strings.Join(names, ", "))
	}
}

// addOverride reads NAME=VALUE.
func addOverride(to *[]model.Override, s, shape string) error {
	name, value, found := strings.Cut(s, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found || name == "" || value == "" {
		return fmt.Errorf("it has the form %s", shape)
	}
	*to = append(*to, model.Override{Name: name, Value: value})
	return nil
}
