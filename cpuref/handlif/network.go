package handlif

import "math"

// Kind says what a spike does to the postsynaptic neuron.
type Kind int

const (
	// Current synapses have a state each that a spike raises by 1 and that
	// decays with Tau; the current is the weight times it.
	Current Kind = iota
	// Delta synapses add their weight to the membrane potential.
	Delta
)

// Synapses is a projection from the network to itself.
type Synapses struct {
	Kind      Kind
	Pre, Post []int32
	Weight    []float64 // of each synapse
	Tau       float64   // ms; of Current
	// Delay is the number of steps from a spike to the first update that it
	// changes, at least 1.
	Delay int

	// S is the state of each synapse of Current.
	S []float64
}

// Network is the network and its state, which may be read and changed between
// steps. Its potentials are in mV and its times in ms.
type Network struct {
	VRest, VReset, VTh float64
	R, Tau             float64
	Refractory         int64 // steps: the shortest interval between two spikes
	Input              []float64
	Dt                 float64
	Synapses           []*Synapses // in the order in which they act

	V, Inp []float64 // Inp is the synaptic current for the next step
	Last   []int64   // the step of the last spike; Never before the first

	// Clock, where it is set, is the time of each step, and RefractoryTime
	// how long a neuron is refractory: while the time since its last spike is
	// at most this. Steps are not counted then.
	Clock          []float64
	RefractoryTime float64

	// Steps is the number of steps done.
	Steps int64

	spiked   [][]bool  // of each step done
	lastTime []float64 // by the clock
	sums     []float64
}

// Never is the step of the last spike of a neuron that has not spiked.
const Never = math.MinInt64

// New returns a network of as many neurons as v, which start at these
// potentials, without synapses: it rests at -52 and spikes at -50 mV, is reset
// to -60, has time constants of 10 ms and steps of 0.1 ms.
func New(v []float64) *Network {
	n := len(v)
	net := &Network{
		VRest: -52, VReset: -60, VTh: -50, R: 1, Tau: 10, Refractory: 50, Dt: 0.1,
		Input: make([]float64, n),
		V:     append([]float64(nil), v...),
		Inp:   make([]float64, n),
		Last:  make([]int64, n),

		lastTime: make([]float64, n),
		sums:     make([]float64, n),
	}
	for i := range v {
		net.Last[i], net.lastTime[i] = Never, math.Inf(-1)
	}
	return net
}

// Connect adds synapses, of which Current ones begin silent.
func (net *Network) Connect(s *Synapses) {
	if s.Delay < 1 {
		panic("handlif: a delay of less than a step")
	}
	if s.Kind == Current && s.S == nil {
		s.S = make([]float64, len(s.Pre))
	}
	net.Synapses = append(net.Synapses, s)
}

// Run does n steps and returns the spikes, sorted by step, then by neuron. Steps
// count from the first one of the network.
func (net *Network) Run(n int) (steps []int64, neurons []int32) {
	for range n {
		step := net.Steps
		for _, neuron := range net.Step() {
			steps = append(steps, step)
			neurons = append(neurons, neuron)
		}
	}
	return steps, neurons
}

// Step does one step and returns the neurons that spiked in it, ascending.
func (net *Network) Step() (neurons []int32) {
	spiked := make([]bool, len(net.V))
	for i := range net.V {
		if spiked[i] = net.stepNeuron(i); spiked[i] {
			neurons = append(neurons, int32(i))
		}
	}
	net.spiked = append(net.spiked, spiked)
	for _, s := range net.Synapses {
		net.arrive(s)
	}
	for _, s := range net.Synapses {
		if s.Kind == Current {
			clear(net.sums)
			for k, post := range s.Post {
				net.sums[post] += s.Weight[k] * s.S[k]
			}
			net.addTo(net.Inp)
		}
	}
	net.Steps++
	return neurons
}

// stepNeuron advances neuron i and reports whether it spikes.
func (net *Network) stepNeuron(i int) bool {
	current := net.Inp[i] + net.Input[i]
	net.Inp[i] = 0
	if net.refractory(i) {
		return false
	}
	v := net.V[i]
	net.V[i] = v + net.Dt*expm1OverX(-net.Dt/net.Tau)*(-(v-net.VRest)+net.R*current)/net.Tau
	if net.V[i] < net.VTh {
		return false
	}
	net.V[i] = net.VReset
	net.Last[i] = net.Steps
	if net.Clock != nil {
		net.lastTime[i] = net.Clock[net.Steps]
	}
	return true
}

func (net *Network) refractory(i int) bool {
	if net.Clock != nil {
		return net.Clock[net.Steps]-net.lastTime[i] <= net.RefractoryTime
	}
	return net.Last[i] != Never && net.Steps-net.Last[i] < net.Refractory
}

// arrive lets the states of synapses decay, and the spikes of Delay-1 steps
// before this one arrive.
func (net *Network) arrive(s *Synapses) {
	decay := expm1OverX(-net.Dt/s.Tau) * net.Dt / s.Tau
	for k, x := range s.S {
		s.S[k] = x - decay*x
	}
	at := net.Steps - int64(s.Delay-1)
	if at < 0 {
		return
	}
	clear(net.sums)
	for k, pre := range s.Pre {
		if !net.spiked[at][pre] {
			continue
		}
		if s.Kind == Current {
			s.S[k]++
		} else {
			net.sums[s.Post[k]] += s.Weight[k]
		}
	}
	if s.Kind == Delta {
		net.addTo(net.V)
	}
}

func (net *Network) addTo(x []float64) {
	for i, sum := range net.sums {
		x[i] += sum
	}
}

// expm1OverX returns (exp(x) - 1)/x for an x other than 0.
func expm1OverX(x float64) float64 { return math.Expm1(x) / x }
