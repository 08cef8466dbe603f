package handgamma

import "math"

// The network's constants, in mV, ms, mS/cm2 and uF/cm2.
const (
	capacitance = 1.0
	gNa, eNa    = 35.0, 55.0
	gK, eK      = 9.0, -90.0
	gL, eL      = 0.1, -65.0
	phi         = 5.0
	threshold   = 0.0

	alpha, beta = 12.0, 0.1
	eSyn        = -75.0
)

// Form says how synapses are stored.
type Form int

const (
	// Collapsed is one state for each presynaptic neuron.
	Collapsed Form = iota
	// PerSynapse is one state for each synapse: presynaptic neurons ascending,
	// then postsynaptic ones, without a synapse from a neuron to itself.
	PerSynapse
)

// Method is how a step advances the equations: Euler's and the exponential one
// each by itself, those of Runge and Kutta all of a neuron together.
type Method int

const (
	// ExponentialEuler is x + (exp(A dt) - 1)/A f(x), where A is the coefficient
	// of x in f with all that is not linear in x frozen.
	ExponentialEuler Method = iota
	// Euler is x + dt f(x).
	Euler
	RK2            // Ralston's method of second order
	Heun           // the trapezium rule
	Midpoint       // the midpoint rule
	RK3            // Kutta's method of third order
	RK4            // the classical method of fourth order
	RK4Alternative // the 3/8 rule
)

// Network is the network and its state, which may be read and changed between
// steps.
type Network struct {
	V   []float64 // mV
	H   []float64 // inactivation of sodium channels
	N   []float64 // activation of potassium channels
	S   []float64 // synapses, stored as the network's form says
	Inp []float64 // uA/cm2; the synaptic current for the next step

	Input  []float64 // uA/cm2, constant: one value, or one for each neuron
	GMax   float64   // mS/cm2, of every synapse
	Dt     float64   // ms
	Method Method

	// Steps is the number of steps done.
	Steps int64

	form   Form
	spiked []int32
}

// New returns a network of as many neurons as v, which start at these voltages,
// with h and n at their steady states and silent synapses. Its step is 0.04 ms,
// its g_max 0.1 over the number of neurons and its input 1.2.
func New(v []float64, form Form) *Network {
	n := len(v)
	net := &Network{
		V:     append([]float64(nil), v...),
		H:     make([]float64, n),
		N:     make([]float64, n),
		S:     make([]float64, n),
		Inp:   make([]float64, n),
		Input: []float64{1.2},
		GMax:  0.1 / float64(n),
		Dt:    0.04,
		form:  form,
	}
	if form == PerSynapse {
		net.S = make([]float64, n*(n-1))
	}
	for i, v := range v {
		net.H[i], net.N[i] = SteadyState(v)
	}
	return net
}

// SteadyState returns h and n at rest at the voltage v.
func SteadyState(v float64) (h, n float64) {
	alphaH, betaH := ratesOfH(v)
	alphaN, betaN := ratesOfN(v)
	return alphaH / (alphaH + betaH), alphaN / (alphaN + betaN)
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

// Step does one step and returns the neurons that spiked in it, ascending. The
// slice is overwritten by the next step.
func (net *Network) Step() []int32 {
	net.addInput()
	net.spiked = net.spiked[:0]
	for i, before := range net.V {
		net.stepNeuron(i)
		if before < threshold && net.V[i] >= threshold {
			net.spiked = append(net.spiked, int32(i))
		}
		net.Inp[i] = 0
	}
	switch net.form {
	case Collapsed:
		net.stepCollapsed()
	case PerSynapse:
		net.stepSynapses()
	}
	net.Steps++
	return net.spiked
}

func (net *Network) addInput() {
	switch len(net.Input) {
	case 1:
		for i := range net.Inp {
			net.Inp[i] += net.Input[0]
		}
	case len(net.Inp):
		for i, v := range net.Input {
			net.Inp[i] += v
		}
	default:
		panic("handgamma: the input has not one value, nor one for each neuron")
	}
}

// stepNeuron advances V, h and n of neuron i, all from their old values.
func (net *Network) stepNeuron(i int) {
	v, h, n := net.V[i], net.H[i], net.N[i]
	if net.Method >= RK2 {
		y := net.rungeKutta(vector{v, h, n}, func(y vector) vector { return slope(y, net.Inp[i]) })
		net.V[i], net.H[i], net.N[i] = y[0], y[1], y[2]
		return
	}

	alphaH, betaH := ratesOfH(v)
	net.H[i] = net.advance(h, -phi*(alphaH+betaH), phi*(alphaH*(1-h)-betaH*h))

	alphaN, betaN := ratesOfN(v)
	net.N[i] = net.advance(n, -phi*(alphaN+betaN), phi*(alphaN*(1-n)-betaN*n))

	alphaM := xOverExpm1(-0.1 * (v + 35))
	betaM := 4 * math.Exp(-(v+60)/18)
	m := alphaM / (alphaM + betaM)
	na := gNa * m * m * m * h
	k := gK * n * n * n * n
	net.V[i] = net.advance(v, -(na+k+gL)/capacitance,
		(-na*(v-eNa)-k*(v-eK)-gL*(v-eL)+net.Inp[i])/capacitance)
}

func ratesOfH(v float64) (alpha, beta float64) {
	return 0.07 * math.Exp(-(v+58)/20), 1 / (math.Exp(-0.1*(v+28)) + 1)
}

func ratesOfN(v float64) (alpha, beta float64) {
	return 0.1 * xOverExpm1(-0.1*(v+34)), 0.125 * math.Exp(-(v+44)/80)
}

// transmitter returns what a presynaptic neuron at v releases, T.
func transmitter(v float64) float64 { return 1 / (1 + math.Exp(-(v-threshold)/2)) }

func (net *Network) stepCollapsed() {
	var sum float64
	for j, s := range net.S {
		t := transmitter(net.V[j])
		net.S[j] = net.advanceSynapse(s, t)
		sum += net.S[j]
	}
	for i, v := range net.V {
		net.Inp[i] -= net.GMax * (sum - net.S[i]) * (v - eSyn)
	}
}

func (net *Network) stepSynapses() {
	k := 0
	for pre := range net.V {
		t := transmitter(net.V[pre])
		for post, v := range net.V {
			if post == pre {
				continue
			}
			net.S[k] = net.advanceSynapse(net.S[k], t)
			net.Inp[post] -= net.GMax * net.S[k] * (v - eSyn)
			k++
		}
	}
}

// advanceSynapse returns a synapse's state s after one step with transmitter t.
func (net *Network) advanceSynapse(s, t float64) float64 {
	f := func(s float64) float64 { return alpha*t*(1-s) - beta*s }
	if net.Method >= RK2 {
		return net.rungeKutta(vector{s}, func(y vector) vector { return vector{f(y[0])} })[0]
	}
	return net.advance(s, -(alpha*t + beta), f(s))
}

// advance returns x after one step of dx/dt = f, in which x has the coefficient
// a.
func (net *Network) advance(x, a, f float64) float64 {
	if net.Method == Euler {
		return x + net.Dt*f
	}
	return x + net.Dt*expm1OverX(a*net.Dt)*f
}

// expm1OverX returns (exp(x) - 1)/x, which is 1 at 0.
func expm1OverX(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Expm1(x) / x
}

// xOverExpm1 returns x/(exp(x) - 1), which is 1 at 0.
func xOverExpm1(x float64) float64 {
	if x == 0 {
		return 1
	}
	return x / math.Expm1(x)
}
