package handgamma

import "math"

// vector is the variables that move together: V, h and n of a neuron, or s of a
// synapse and zeros.
type vector [3]float64

// plus returns y + c k.
func (y vector) plus(c float64, k vector) vector {
	for i := range y {
		y[i] += c * k[i]
	}
	return y
}

// slope is the right hand sides of a neuron's equations with the current inp.
func slope(y vector, inp float64) vector {
	v, h, n := y[0], y[1], y[2]
	alphaH, betaH := ratesOfH(v)
	alphaN, betaN := ratesOfN(v)
	alphaM := xOverExpm1(-0.1 * (v + 35))
	betaM := 4 * math.Exp(-(v+60)/18)
	m := alphaM / (alphaM + betaM)
	return vector{
		(-gNa*m*m*m*h*(v-eNa) - gK*n*n*n*n*(v-eK) - gL*(v-eL) + inp) / capacitance,
		phi * (alphaH*(1-h) - betaH*h),
		phi * (alphaN*(1-n) - betaN*n),
	}
}

// rungeKutta returns y after one step of dy/dt = f.
func (net *Network) rungeKutta(y vector, f func(vector) vector) vector {
	dt := net.Dt
	k1 := f(y)
	switch net.Method {
	case RK2:
		k2 := f(y.plus(dt*2/3, k1))
		return y.plus(dt/4, k1).plus(dt*3/4, k2)
	case Heun:
		k2 := f(y.plus(dt, k1))
		return y.plus(dt/2, k1).plus(dt/2, k2)
	case Midpoint:
		return y.plus(dt, f(y.plus(dt/2, k1)))
	case RK3:
		k2 := f(y.plus(dt/2, k1))
		k3 := f(y.plus(-dt, k1).plus(2*dt, k2))
		return y.plus(dt/6, k1).plus(dt*2/3, k2).plus(dt/6, k3)
	case RK4:
		k2 := f(y.plus(dt/2, k1))
		k3 := f(y.plus(dt/2, k2))
		k4 := f(y.plus(dt, k3))
		return y.plus(dt/6, k1).plus(dt/3, k2).plus(dt/3, k3).plus(dt/6, k4)
	case RK4Alternative:
		k2 := f(y.plus(dt/3, k1))
		k3 := f(y.plus(-dt/3, k1).plus(dt, k2))
		k4 := f(y.plus(dt, k1).plus(-dt, k2).plus(dt, k3))
		return y.plus(dt/8, k1).plus(dt*3/8, k2).plus(dt*3/8, k3).plus(dt/8, k4)
	}
	panic("handgamma: a method without stages")
}
