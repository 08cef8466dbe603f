package cpuref

import (
	"testing"

	"gpusim/model/ir"
)

// TestBuildErrors checks that a program that makes no sense is refused with a
// message, not a panic.
func TestBuildErrors(t *testing.T) {
	for name, test := range map[string]struct {
		change func(m *maker)
		want   string
	}{
		"load of nothing": {
			func(m *maker) { m.Populations[0].Update = []ir.Stmt{&ir.Store{Var: 0, Expr: &ir.Load{Var: 99}}} },
			"cpuref: population P: there is no variable 99",
		},
		"store to a parameter": {
			func(m *maker) {
				m.Populations[0].Update = []ir.Stmt{&ir.Store{Var: m.vars["P.K"], Expr: &ir.Const{}}}
			},
			"cpuref: population P: P.K is not a state with one value a neuron, and cannot be stored to",
		},
		"undefined temporary": {
			func(m *maker) { m.Populations[1].Spike.Value = &ir.Temp{ID: m.temps["late"].ID, Bool: true} },
			"cpuref: population Q: temporary 1 is read before it is defined",
		},
		"another's temporary": {
			func(m *maker) {
				m.Populations[0].Update = append(m.Populations[0].Update, m.let(scope{own: "P"}, "mine", "2*V"))
				m.Projections[0].Outputs[0].Terms[0].Source.Value = m.temps["mine"]
			},
			"cpuref: projection J: temporary 2 is not of this population or projection",
		},
		"another's variable": {
			func(m *maker) {
				m.Projections[0].Update = []ir.Stmt{m.store(scope{own: "J", post: "P"}, "s", "post.V")}
			},
			"cpuref: projection J: P.V has one value a postsynaptic neuron and is read for each presynaptic neuron",
		},
		"own of a projection": {
			func(m *maker) { m.Populations[0].Spike.Value = &ir.Load{Var: m.vars["J.s"]} },
			"cpuref: population P: J.s has no value here",
		},
		"wrong length": {
			func(m *maker) { m.Vars[m.vars["Q.u"]].Len = 31 },
			"cpuref: population Q: Q.u has 31 values where 30 are read",
		},
		"arguments": {
			func(m *maker) { m.Populations[0].Spike.Value = &ir.Apply{Op: ir.Exp} },
			"cpuref: population P: operator 15 has 0 arguments",
		},
		"nil expression": {
			func(m *maker) { m.Populations[0].Spike.Value = nil },
			"cpuref: population P: expression of unknown type <nil>",
		},
		"store in a block": {
			func(m *maker) { m.Populations[0].Spike.Lets = []ir.Stmt{&ir.Store{}} },
			"cpuref: population P: statement of type *ir.Store where only lets may be",
		},
		"no flag": {
			func(m *maker) { m.Populations[1].Flag = ir.None },
			"cpuref: population Q: there is no variable -1",
		},
		"no last": {
			func(m *maker) { m.Populations[0].Last = m.vars["P.V"] },
			"cpuref: population P: P.V is no step of the last spike with one value for each of 30 neurons",
		},
		"samples": {
			func(m *maker) { m.Vars[m.vars["P.drive"]].Every = 0 },
			`cpuref: program "TestBuildErrors/samples": a sample of P.drive lasts 0 steps`,
		},
		"record": {
			func(m *maker) { m.Populations[0].Records[0].Len = 3 },
			"cpuref: population P: P.V is recorded every 9 steps with 3 values, of 30",
		},
		"record of one": {
			func(m *maker) { m.Populations[0].Records[0].Dim = ir.One },
			"cpuref: population P: P.V is recorded as one value and has more",
		},
		"record of none": {
			func(m *maker) { m.Populations[0].Records[0].Of = []int{29, 30} },
			"cpuref: population P: P.V is recorded of element 30, of 30",
		},
		"record per neuron": {
			func(m *maker) { m.Projections[0].Records[0].Dim = ir.PerNeuron },
			"cpuref: projection J: J.s cannot be recorded one a neuron",
		},
		"ends": {
			func(m *maker) { m.Projections[0].To = 2 },
			"cpuref: projection J: it goes from population 0 to 2, of 2",
		},
		"self": {
			func(m *maker) { m.Projections[0].To = 1 },
			"cpuref: projection J: a neuron of another population or group cannot be its own target",
		},
		"size": {
			func(m *maker) { m.Projections[0].Conn.NPost = 29 },
			"cpuref: projection J: a neuron of another population or group cannot be its own target",
		},
		"total of a list": {
			func(m *maker) { m.Projections[0].Conn = ir.Conn{Kind: ir.List, NPre: 30, NPost: 30} },
			"cpuref: projection J: a total where not all are connected to all",
		},
		"synapse of nothing": {
			func(m *maker) {
				m.Projections[0].Conn = ir.Conn{Kind: ir.List, NPre: 30, NPost: 30, Pre: []int32{30}, Post: []int32{0}}
			},
			"cpuref: projection J: synapse 0 goes from 30 to 0, of 30 and 30 neurons",
		},
		"target": {
			func(m *maker) { m.Projections[0].Outputs[0].Target = m.vars["P.V"] },
			"cpuref: projection J: P.V is nothing of its postsynaptic neurons that can be added to",
		},
		"group": {
			func(m *maker) { m.Projections[0].PostStart = 1 },
			"cpuref: projection J: it connects neurons 0 to 29 with 1 to 30, of populations of 30 and 30",
		},
		"groups without self": {
			func(m *maker) {
				m.Projections[0].PreStart = 1
				m.Projections[0].Conn = ir.Conn{NPre: 5, NPost: 5, NoSelf: true}
			},
			"cpuref: projection J: a neuron of another population or group cannot be its own target",
		},
		"spiked": {
			func(m *maker) { m.Populations[0].Spiked = m.vars["P.V"] },
			"cpuref: population P: P.V is no mark of those that spiked with one value for each of 30 neurons",
		},
		"spiked without a condition": {
			func(m *maker) {
				m.Populations[1].Spiked = m.add("Q.spiked", ir.Spiked, ir.PerNeuron, 30)
				m.Populations[1].Spike = nil
			},
			"cpuref: population Q: Q.spiked says which neurons spiked, and none ever does",
		},
		"line of nothing": {
			func(m *maker) { m.Populations[0].Lines = []ir.DelayLine{{Of: 99, Line: 99}} },
			"cpuref: population P: there is no variable 99",
		},
		"line of a parameter": {
			func(m *maker) { m.line(&m.Populations[0], "P.K", 3) },
			"cpuref: population P: P.K has not one value that changes for each of 30 neurons, and no delay line",
		},
		"line of one row": {
			func(m *maker) { m.line(&m.Populations[0], "P.V", 1) },
			"cpuref: population P: P.V.line, of 1 rows and 30 values, is no delay line of 30 neurons",
		},
		"no line": {
			func(m *maker) {
				m.Projections[0].Update = []ir.Stmt{m.store(scope{own: "J", pre: "P", ago: 2}, "s", "pre.V")}
			},
			"cpuref: projection J: P.V is read 2 steps back and has no delay line",
		},
		"the future": {
			func(m *maker) {
				m.line(&m.Populations[0], "P.V", 9)
				m.Projections[0].Update = []ir.Stmt{m.store(scope{own: "J", pre: "P", ago: -1}, "s", "pre.V")}
			},
			"cpuref: projection J: P.V is read -1 steps back and has no delay line",
		},
		"short line": {
			func(m *maker) {
				m.line(&m.Populations[0], "P.V", 3)
				m.Projections[0].Update = []ir.Stmt{m.store(scope{own: "J", pre: "P", ago: 2}, "s", "pre.V")}
			},
			"cpuref: projection J: P.V.line is no delay line of 2 steps",
		},
		"index of a projection": {
			func(m *maker) { m.Projections[0].Update = []ir.Stmt{&ir.Store{Var: m.vars["J.s"], Expr: &ir.Index{}}} },
			"cpuref: projection J: the number of a neuron is of a population's statements",
		},
		"range of a projection": {
			func(m *maker) {
				m.Projections[0].Update = []ir.Stmt{&ir.Store{Var: m.vars["J.s"], Expr: &ir.Within{Stop: 3}}}
			},
			"cpuref: projection J: the number of a neuron is of a population's statements",
		},
		"samples of a projection": {
			func(m *maker) {
				m.Vars[m.add("J.x", ir.Samples, ir.PerSampleNeuron, 60)].Every = 1
				m.Projections[0].Update = []ir.Stmt{m.store(scope{own: "J"}, "s", "x")}
			},
			"cpuref: projection J: J.x has no value here",
		},
		"part of a sample": {
			func(m *maker) {
				m.Vars[m.add("P.x", ir.Samples, ir.PerSampleNeuron, 31)].Every = 1
				m.Populations[0].Update = []ir.Stmt{m.store(scope{own: "P"}, "V", "x")}
			},
			"cpuref: population P: P.x has no value here",
		},
		"samples without time": {
			func(m *maker) { m.add("P.x", ir.Samples, ir.PerSampleNeuron, 60) },
			`cpuref: program "TestBuildErrors/samples_without_time": a sample of P.x lasts 0 steps`,
		},
		"samples of no population": {
			func(m *maker) {
				v := m.add("P.x", ir.Samples, ir.PerSampleNeuron, 60)
				m.Vars[v].Every, m.Vars[v].Population = 1, 2
			},
			`cpuref: program "TestBuildErrors/samples_of_no_population": P.x has values for the neurons of population 2, and there are none`,
		},
		"event to a parameter": {
			func(m *maker) {
				m.Projections[0].Events, m.Projections[0].Outputs = m.Projections[0].Outputs, nil
				m.Projections[0].Events[0].Target = m.vars["P.K"]
			},
			"cpuref: projection J: P.K is nothing of its postsynaptic neurons that can be added to",
		},
		"event to another": {
			func(m *maker) {
				m.add("Q.short", ir.State, ir.PerNeuron, 29)
				m.Projections[0].Events, m.Projections[0].Outputs = m.Projections[0].Outputs, nil
				m.Projections[0].Events[0].Target = m.vars["Q.short"]
			},
			"cpuref: projection J: Q.short is nothing of its postsynaptic neurons that can be added to",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := noisy(t)
			m.temps["late"] = m.temp(true)
			test.change(m)
			_, err := New().Build(&m.Program, 1)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	if _, err := New().Build(nil, 1); err == nil || err.Error() != "cpuref: there is no program" {
		t.Errorf("no program: %v", err)
	}
	if _, err := New().Build(&ir.Program{}, 0); err == nil || err.Error() != "cpuref: 0 instances, at least 1 is needed" {
		t.Errorf("no instances: %v", err)
	}
}
