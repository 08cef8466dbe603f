package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/shaders"
)

func (a *app) showCommand() *cobra.Command {
	var o model.LoadOptions
	var asIR bool
	form := ""
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Print the kernels that a network becomes, or its step program (--ir)",
		Args:  oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.show(args[0], o, asIR, form)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&asIR, "ir", false, "print the step program, what was collapsed and each A of exponential Euler")
	cmd.Flags().Func("form", "print the kernels of the form `NAME`: fused, or stepped (default: the one that would run)", oneOf(&form, "fused", "stepped"))
	fileFlags(cmd.Flags(), &o)
	return cmd
}

func (a *app) show(path string, o model.LoadOptions, asIR bool, form string) error {
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
		if form == "" {
			form = formOf(program)
		}
		if text, err = kernels(program, form); err != nil {
			return err
		}
	}
	_, err = fmt.Fprint(a.out, text)
	return err
}

// kernels prints the kernels of a form. The planner chooses the number of
// invocations by measurement, for which it needs the device; what each of them
// does is the same.
func kernels(p *ir.Program, form string) (string, error) {
	if form == "fused" {
		if v := p.Feedback(); v != ir.None {
			return "", fmt.Errorf("%s: synapses read %s, which synapses also write: the fused form cannot order that", p.Name, p.Vars[v].Name)
		}
		return shaders.Fused(p, fewestInvocations).Source, nil
	}
	s, err := shaders.NewLayout(p).Stepped(steppedInvocations, gpu.DefaultIterations)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, pass := range append(s.Passes[:len(s.Passes):len(s.Passes)], s.Check) {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "// kernel %d of %d: %s\n%s", i+1, len(s.Passes)+1, pass.Name, pass.Source)
	}
	return b.String(), nil
}

// formOf is the form that would run: what the device says, where there is one.
func formOf(p *ir.Program) string {
	if p.Feedback() != ir.None {
		return "stepped"
	}
	ctx, err := openContext(glctx.Options{})
	if err != nil {
		return "fused"
	}
	device := gpu.New(ctx, gpu.Options{})
	defer device.Close()
	if e, ok := any(device).(estimator); ok {
		if x, err := e.Estimate(p, 1); err == nil && strings.HasPrefix(x.Form, "stepped") {
			return "stepped"
		}
	}
	return "fused"
}

// fewestInvocations is the smallest workgroup that the planner tries.
const fewestInvocations = 8

// steppedInvocations is the size of a workgroup in the stepped form.
const steppedInvocations = 64
