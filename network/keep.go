package network

// keeper is the Recorder of runs whose results are held in memory.
type keeper struct {
	n    *Network
	r    *Result
	fold *fold
	at   []int // for each recording its place among an instance's traces, or hidden ones
}

func (n *Network) newKeeper(f *fold) *keeper {
	k := &keeper{n: n, r: n.newResult(), fold: f}
	visible, hidden := 0, 0
	for i := range n.built.records {
		if n.built.records[i].hidden {
			k.at = append(k.at, hidden)
			hidden++
		} else {
			k.at = append(k.at, visible)
			visible++
		}
	}
	return k
}

// newResult is the result of no steps.
func (n *Network) newResult() *Result {
	r := &Result{First: n.step, Dt: n.file.Dt, Instances: make([]InstanceResult, n.instances)}
	for k := range r.Instances {
		x := &r.Instances[k]
		for _, p := range n.file.Populations {
			x.Spikes = append(x.Spikes, SpikeTrain{Population: p.Name, Size: p.Size})
		}
		for i := range n.built.records {
			p := &n.built.records[i]
			t := Trace{Name: p.name, Len: p.rowLen()}
			if p.hidden {
				x.hidden = append(x.hidden, t)
			} else {
				x.Traces = append(x.Traces, t)
			}
		}
	}
	return r
}

// expect refuses a slice with which the result takes too much memory.
func (k *keeper) expect(s *Slice) error {
	k.r.Steps = int(s.First-k.r.First) + s.Steps
	return k.n.fits(k.r, s)
}

func (k *keeper) Spikes(instance, population int, steps []int64, neurons []int32) error {
	t := &k.r.Instances[instance].Spikes[population]
	t.Steps = append(t.Steps, steps...)
	t.Neurons = append(t.Neurons, neurons...)
	return nil
}

func (k *keeper) Rows(instance, recording int, steps []int64, data []float64) error {
	x := &k.r.Instances[instance]
	list := x.Traces
	if k.n.built.records[recording].hidden {
		list = x.hidden
	}
	if k.fold != nil {
		if err := k.fold.Rows(instance, recording, steps, data); err != nil || k.n.built.records[recording].hidden {
			return err
		}
	}
	t := &list[k.at[recording]]
	t.Steps = append(t.Steps, steps...)
	t.Data = append(t.Data, data...)
	return nil
}

func (k *keeper) Done(int64) error { return nil }
