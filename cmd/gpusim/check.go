package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/ir"
)

func (a *app) checkCommand() *cobra.Command {
	var o model.LoadOptions
	device, plan := "auto", gpu.Options{}
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a network file and print what would be built; runs nothing",
		Long: `Check a network file and print what would be built: populations and projections,
what was found out about their sums, the variables, and how the device would run
it, with the bytes of each buffer against the device's limits, what a run leaves
on the disk and takes of memory. The device is asked for its limits; nothing is
built or run on it.`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.check(args[0], o, device, plan)
		},
	}
	cmd.Flags().SortFlags = false
	fileFlags(cmd.Flags(), &o)
	cmd.Flags().Func("device", "plan for `NAME`: auto (default), gpu, or cpu, in float64", oneOf(&device, "auto", "gpu", "cpu"))
	planFlag(cmd.Flags(), &plan)
	return cmd
}

func (a *app) check(path string, o model.LoadOptions, device string, plan gpu.Options) error {
	file, err := a.load(path, o, false)
	if err != nil {
		return err
	}
	program, recordings, err := planned(file.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: %s of %s ms from %s ms on, %s, seed %d\n", file.Name, plural(file.Steps(), "step"),
		number(file.Dt), number(file.Run.Start), file.Method, file.Run.Seed)
	for _, p := range file.Populations {
		fmt.Fprintf(a.out, "population %s: %s of %s%s\n", p.Name, plural(p.Size, "neuron"), p.Model.Name, recorded(p.Record))
	}
	for i, p := range file.Projections {
		built := &program.Projections[i]
		fmt.Fprintf(a.out, "projection %s: %s of %s, %s to %s%s\n", p.Name, synapses(built.Conn.Len()), p.Model.Name,
			p.From.Called(p.FromGroup), p.To.Called(p.ToGroup), recorded(p.Record))
		for _, note := range built.Notes {
			fmt.Fprintf(a.out, "  %s\n", note)
		}
	}
	for _, m := range file.Measures {
		fmt.Fprintf(a.out, "measure %s of %s\n", m.Key, m.Of.Called(m.Group))
	}
	if file.Fit != nil {
		fmt.Fprintf(a.out, "fit: %s, by %s, %s a generation\n", goalText(&file.Fit.Goal), parameterNames(file.Fit), plural(file.Fit.Population, "point"))
	}
	a.printVariables(program)
	if err := a.printPlan(program, file, device, plan); err != nil {
		return err
	}
	n := needsOf(file.File, program, recordings, 0, resultsDir(path, ".out", ""))
	fmt.Fprint(a.out, n.text())
	return n.refuse(file.Steps())
}

// recorded says which variables are recorded.
func recorded(records []*model.Record) string {
	var names []string
	for _, r := range records {
		names = append(names, r.Called())
	}
	if len(names) == 0 {
		return ""
	}
	return ", recording " + strings.Join(names, ", ")
}

func synapses(n int) string {
	if n == 1 {
		return "1 synapse"
	}
	return fmt.Sprintf("%d synapses", n)
}

// printVariables lists the variables of the program.
func (a *app) printVariables(p *ir.Program) {
	t := &table{head: []string{"variable", "role", "shape", "numbers"}, text: 3}
	for _, v := range p.Vars {
		t.rows = append(t.rows, []string{v.Name, roleText(v.Role), shapeText(v), count(v.Len)})
	}
	fmt.Fprintf(a.out, "\n%s", t)
}

func roleText(r ir.Role) string {
	return [...]string{ir.State: "state", ir.Flag: "condition", ir.Last: "last spike", ir.Spiked: "spiked", ir.Line: "delay line",
		ir.Input: "input", ir.Param: "parameter", ir.Samples: "samples"}[r]
}

func shapeText(v ir.Var) string {
	switch v.Dim {
	case ir.PerNeuron:
		return plural(v.Len, "neuron")
	case ir.PerPre:
		return plural(v.Len, "presynaptic neuron")
	case ir.PerSynapse:
		return synapses(v.Len)
	case ir.PerSample:
		return plural(v.Len, "sample")
	case ir.PerSampleNeuron:
		return "samples of neurons"
	case ir.PerRow:
		return fmt.Sprintf("%d rows of neurons", v.Rows)
	}
	return "1"
}
