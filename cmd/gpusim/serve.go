package main

import (
	"context"
	"errors"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"gpusim/gpu"
	"gpusim/network"
	"gpusim/serve"
)

func (a *app) serveCommand() *cobra.Command {
	stdio := false
	cmd := &cobra.Command{
		Use:   "serve --stdio",
		Short: "Keep a network compiled and run it as another program asks",
		Long: `Keep a network compiled and run it as another program asks: requests are lines
of JSON on standard input, answers lines of JSON on standard output, as
docs/serve.md says. python/gpusim.py speaks it for you.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !stdio {
				return usagef("serve speaks on standard input and output: gpusim serve --stdio")
			}
			return a.serve(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&stdio, "stdio", false, "read requests from standard input, write answers to standard output")
	return cmd
}

func (a *app) serve(ctx context.Context) error {
	// Whoever reads the answers may be gone: that is an error like any, not a
	// reason to be killed.
	signal.Ignore(syscall.SIGPIPE)
	err := serve.Serve(ctx, a.in, a.out, serve.Options{Version: version, Open: a.openServed})
	if errors.Is(err, context.Canceled) {
		return errInterrupted
	}
	return err
}

// openServed opens the device that a request names.
func (a *app) openServed(name, plan string, note func(string)) (network.Device, error) {
	var o gpu.Options
	if plan != "" {
		if err := o.ParsePlan(plan); err != nil {
			return nil, err
		}
	}
	return a.openNoting(name, o, note)
}
