// Bench compares gpusim's engines with C.
//
// In one run, and in turns so that what else the machine does meets all of
// them, it times three programs on the gamma network of examples/gamma.yaml:
//
//   - gpu: the OpenGL kernels, through package network, as gpusim runs them;
//   - cpuref: the float64 engine, through package network, sums collapsed;
//   - C: bench/native, float32, one thread, which `make bench` builds.
//
// All start from the same V, and must give every neuron the same number of
// spikes at every point: where they do not, bench says where and exits with 1,
// for then they did not do the same work. Speed is printed, never tested.
//
// Then it says where the time of the gpu path goes; with -profile also what
// the parts of the kernel cost, by running variants of the model that lack
// them. README.md in this folder has numbers, and what they mean.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 7, "rounds; each times every program once")
	flag.BoolVar(&o.quick, "quick", false, "2 rounds of 100 ms, to see that it works")
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
	o.duration = 500
	if o.quick {
		o.rounds, o.duration = 2, 100
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
	native      string
	invocations int
	duration    float64 // of a run, ms
}

// bench times all tasks, prints them, and says where the time goes.
func bench(ctx context.Context, o options) error {
	m, err := openMachine(o)
	if err != nil {
		return err
	}
	defer m.close()
	m.describe(os.Stdout)

	tasks := []*task{
		{title: "one run", size: 100, points: 1, cpu: true},
		{title: "sweep", size: 100, points: 11, cpu: true},
		{title: "one run", size: 1000, points: 1},
	}
	var run *task
	for _, t := range tasks {
		if err := t.prepare(ctx, m, o); err != nil {
			return err
		}
		defer t.close()
		if err := measure(ctx, t.programs, o.rounds); err != nil {
			return err
		}
		if err := sameSpikes(t.programs); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		t.print(os.Stdout)
		if run == nil {
			run = t
		}
	}
	if err := whereTimeGoes(ctx, os.Stdout, m, run, o); err != nil {
		return err
	}
	if o.profile {
		return profile(ctx, os.Stdout, m, run.invocations(), o)
	}
	return nil
}
