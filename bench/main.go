// Bench compares gpusim's engines with C by hand and with Brian2.
//
// In one run, and in turns so that what else the machine does meets all of
// them, it times programs on the gamma network of examples/gamma.yaml: the
// OpenGL kernels and the float64 engine through package network, bench/native,
// and bench/peers where Brian2 is there. All start from the same V. Where they
// give a neuron another number of spikes bench says how many, and exits with 1
// where it is more than rounding can do: then they did not do the same work.
// Speed is printed beside what the project has set itself, never tested.
//
// Then it says where the time of the gpu path goes; with -profile also what
// the parts of the kernel cost, by running variants of the model that lack
// them. RESULTS.md in this folder is what -write writes, README.md what it means.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

func main() {
	var o options
	flag.BoolVar(&o.write, "write", false, "write bench/RESULTS.md too")
	flag.StringVar(&o.gpusim, "gpusim", "bin/gpusim", "the `path` of gpusim, to time its start")
	flag.IntVar(&o.rounds, "rounds", 7, "rounds; each times every program once")
	flag.BoolVar(&o.quick, "quick", false, "2 rounds of runs a tenth as long, to see that it works")
	flag.BoolVar(&o.profile, "profile", false, "say too what the parts of the kernel cost")
	flag.StringVar(&o.native, "native", "bin/gamma-native", "the `path` of the C program")
	flag.IntVar(&o.invocations, "invocations", 0, "force the number of invocations of the GPU path")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./bench [flags], in the folder of the Makefile; make bench")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 || o.rounds < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if o.quick {
		o.rounds = 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	rounds      int
	quick       bool
	profile     bool
	write       bool
	native      string
	gpusim      string
	invocations int
}

// bench times all, prints it, and writes it where that is asked for.
func bench(ctx context.Context, o options) error {
	var text strings.Builder
	if err := report(ctx, io.MultiWriter(os.Stdout, &text), o); err != nil {
		return err
	}
	if !o.write {
		return nil
	}
	return os.WriteFile("bench/RESULTS.md", []byte(text.String()), 0o666)
}

func report(ctx context.Context, w io.Writer, o options) error {
	m, err := openMachine(ctx, o)
	if err != nil {
		return err
	}
	defer m.close()
	m.describe(w, o)

	var run *task
	for i, c := range cases() {
		t := c.task
		t.rounds = min(t.rounds, o.rounds)
		if o.quick {
			t.duration = max(t.duration/10, 10)
		}
		defer t.close()
		if err := t.prepare(ctx, m, o); err != nil {
			return err
		}
		if err := measure(ctx, t.programs, t.rounds); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		if err := t.print(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
		for _, f := range c.floors {
			f.check(w, t)
		}
		if i == 0 {
			run = t
			beforeUs(w, t)
		}
	}
	for _, part := range []func(context.Context, io.Writer, *machine, options) error{generalForms, batches, overheads, starts} {
		if err := part(ctx, w, m, o); err != nil {
			return err
		}
	}
	if err := shortRuns(ctx, w, m, run, o); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n## Where the time goes\n\n```text")
	if err := whereTimeGoes(ctx, w, m, run, o); err != nil {
		return err
	}
	if o.profile {
		if err := profile(ctx, w, m, run.invocations(), o); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "```\n")
	return nil
}
