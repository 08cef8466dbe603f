package network

import "fmt"

// Result is what a run left.
type Result struct {
	First     int64            // the first step, counted from time 0
	Steps     int              // that were done
	Dt        float64          // ms a step
	Instances []InstanceResult // as many as the network has
}

// Ran is what is left to say of a run whose spikes and rows went to a Recorder.
type Ran struct {
	First int64        // the first step, counted from time 0
	Steps int          // that were done
	Dt    float64      // ms a step
	Bad   []*NonFinite // of each instance the first state found not finite; nil: all are
}

// InstanceResult is what a run left of one instance.
type InstanceResult struct {
	Spikes []SpikeTrain // of every population, in file order
	Traces []Trace      // what was recorded beside: populations in file order, then projections
	Bad    *NonFinite   // the first state found not finite; nil: all are
	hidden []Trace      // what measures need beside
	folded map[int]folded
}

// SpikeTrain is the spikes of a population, sorted by step, then neuron: spike k
// is of Neurons[k], in the step Steps[k].
type SpikeTrain struct {
	Population string
	Size       int     // neurons, 0 to Size-1
	Steps      []int64 // counted from time 0, through all pieces; times dt: ms
	Neurons    []int32
}

// Trace is a recorded variable: Data has a row of Len numbers for each of
// Steps, as they were after that step (an input as it was before the update).
// Row r is Data[r*Len : (r+1)*Len]: one a neuron, one a presynaptic neuron or
// synapse, those of Record.Of, or one mean.
type Trace struct {
	Name  string // object.variable
	Steps []int64
	Len   int
	Data  []float64
}

// NonFinite says where a state became NaN or infinite.
type NonFinite struct {
	Name    string // object.variable
	Element int    // neuron, presynaptic neuron or synapse
	Step    int64
	Ms      float64 // the time of the step
	Of      string  // what Element counts: neuron, presynaptic neuron, synapse, or element
	atStart bool    // Name is the whole message
}

// Error names the variable, the element and the step.
func (x *NonFinite) Error() string {
	if x.atStart {
		return x.Name
	}
	return fmt.Sprintf("%s of %s %d is not finite: found after step %d (%s ms)", x.Name, x.Of, x.Element, x.Step, formatMs(x.Ms))
}

func formatMs(ms float64) string { return fmt.Sprintf("%.6g", ms) }

// Append adds the result of the piece that followed.
func (r *Result) Append(other *Result) {
	r.Steps += other.Steps
	for k := range r.Instances {
		if k >= len(other.Instances) {
			return
		}
		x, y := &r.Instances[k], &other.Instances[k]
		for p := range y.Spikes {
			if p < len(x.Spikes) {
				x.Spikes[p].Steps = append(x.Spikes[p].Steps, y.Spikes[p].Steps...)
				x.Spikes[p].Neurons = append(x.Spikes[p].Neurons, y.Spikes[p].Neurons...)
			}
		}
		x.Traces = appendTraces(x.Traces, y.Traces)
		x.hidden = appendTraces(x.hidden, y.hidden)
		if x.Bad == nil {
			x.Bad = y.Bad
		}
	}
}

// appendTraces joins traces by name, in order for those of one name.
func appendTraces(a, b []Trace) []Trace {
	used := make([]bool, len(a))
	for _, t := range b {
		found := false
		for i := range a {
			if !used[i] && a[i].Name == t.Name && a[i].Len == t.Len {
				a[i].Steps = append(a[i].Steps, t.Steps...)
				a[i].Data = append(a[i].Data, t.Data...)
				used[i], found = true, true
				break
			}
		}
		if !found {
			a = append(a, t)
			used = append(used, true)
		}
	}
	return a
}

// instance is the result of one instance by itself.
func (r *Result) instance(k int) *Result {
	return &Result{First: r.First, Steps: r.Steps, Dt: r.Dt, Instances: r.Instances[k : k+1 : k+1]}
}
