package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

func (a *app) checkCommand() *cobra.Command {
	var o model.LoadOptions
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a network file and print what would be built; runs nothing",
		Args:  oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.check(args[0], o)
		},
	}
	cmd.Flags().SortFlags = false
	fileFlags(cmd.Flags(), &o)
	return cmd
}

func (a *app) check(path string, o model.LoadOptions) error {
	file, err := a.load(path, o, false)
	if err != nil {
		return err
	}
	program, err := lowered(file.File)
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
			p.From.Name, p.To.Name, recorded(p.Record))
		for _, note := range built.Notes {
			fmt.Fprintf(a.out, "  %s\n", note)
		}
	}
	for _, m := range file.Measures {
		fmt.Fprintf(a.out, "measure %s of %s\n", m.Key, m.Of.Name)
	}
	a.printMemory(program, file.Sweep)
	return nil
}

// recorded says which variables are recorded.
func recorded(records []*model.Record) string {
	var names []string
	for _, r := range records {
		names = append(names, r.Name)
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

// bytesPerNumber is the size of a number on the GPU; the float64 engine's is
// twice that.
const bytesPerNumber = 4

// printMemory lists the variables of the program and the bytes they take.
func (a *app) printMemory(p *ir.Program, sweep *model.Sweep) {
	t := &table{head: []string{"variable", "role", "shape", "bytes"}, text: 3}
	state, shared := 0, 0
	for _, v := range p.Vars {
		size := bytesPerNumber * v.Len
		t.rows = append(t.rows, []string{v.Name, roleText(v.Role), shapeText(v), strconv.Itoa(size)})
		if v.Role.IsState() {
			state += size
		} else {
			shared += size
		}
	}
	fmt.Fprintf(a.out, "\n%s\n", t)
	fmt.Fprintf(a.out, "memory in float32: %s of state an instance, %s of values that instances share (float64: twice that)\n",
		plural(state, "byte"), plural(shared, "byte"))
	if sweep != nil {
		names, points := network.SweepPoints(sweep)
		fmt.Fprintf(a.out, "sweep over %s: %s, %s of state all at once\n", strings.Join(names, ", "),
			plural(len(points), "point"), plural(len(points)*state, "byte"))
	}
}

func roleText(r ir.Role) string {
	switch r {
	case ir.State:
		return "state"
	case ir.Flag:
		return "condition"
	case ir.Last:
		return "last spike"
	case ir.Input:
		return "input"
	case ir.Param:
		return "parameter"
	}
	return "samples"
}

func shapeText(v ir.Var) string {
	switch v.Dim {
	case ir.PerNeuron:
		return fmt.Sprintf("%d neurons", v.Len)
	case ir.PerPre:
		return fmt.Sprintf("%d presynaptic neurons", v.Len)
	case ir.PerSynapse:
		return fmt.Sprintf("%d synapses", v.Len)
	case ir.PerSample:
		return fmt.Sprintf("%d samples", v.Len)
	}
	return "1"
}
