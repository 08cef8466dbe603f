package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"gpusim/model"
	"gpusim/shaders"
)

func (a *app) showCommand() *cobra.Command {
	var o model.LoadOptions
	var asIR bool
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Print the kernels that a network becomes, or its step program (--ir)",
		Args:  oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.show(args[0], o, asIR)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&asIR, "ir", false, "print the step program, what was collapsed and each A of exponential Euler")
	fileFlags(cmd.Flags(), &o)
	return cmd
}

func (a *app) show(path string, o model.LoadOptions, asIR bool) error {
	file, err := a.load(path, o, false)
	if err != nil {
		return err
	}
	program, err := lowered(file.File)
	if err != nil {
		return err
	}
	text := program.String()
	if !asIR {
		// The planner chooses the number of invocations by measurement, for
		// which it needs the device; what each of them does is the same.
		text = shaders.Fused(program, fewestInvocations).Source
	}
	_, err = fmt.Fprint(a.out, text)
	return err
}

// fewestInvocations is the smallest workgroup that the planner tries.
const fewestInvocations = 8
