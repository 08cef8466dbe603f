package fit

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"gpusim/model/draw"
)

const (
	startDeviation = 0.3 // of each coordinate: the bounds are 1 apart
	mostDeviation  = 1.0 // beyond it reflected points are spread evenly anyway
)

// cma is the search's distribution and what it has learned of its path. The
// names are those of Hansen's tutorial, in whose equations they stand.
type cma struct {
	n, lambda int
	seed      uint64

	// Fixed: weights of the best lambda/2 points, and rates of learning.
	weights                  []float64
	muEff                    float64
	cs, cc, c1, cmu, ds, chi float64

	// Learned.
	mean   []float64
	sigma  float64
	c      *mat.SymDense
	ps, pc []float64

	generation int
	b          mat.Dense   // the axes of c
	d          []float64   // and the deviations along them
	y          [][]float64 // the points as drawn: mean + sigma*y
}

func newCMA(start []float64, lambda int, seed uint64) *cma {
	n := len(start)
	m := &cma{n: n, lambda: lambda, seed: seed, mean: slices.Clone(start), sigma: startDeviation,
		ps: make([]float64, n), pc: make([]float64, n), c: ball(n)}
	for i := range lambda / 2 {
		m.weights = append(m.weights, math.Log(float64(lambda+1)/2)-math.Log(float64(i+1)))
	}
	floats.Scale(1/floats.Sum(m.weights), m.weights)
	m.muEff = 1 / floats.Dot(m.weights, m.weights)

	dim, mu := float64(n), m.muEff
	m.cs = (mu + 2) / (dim + mu + 5)
	m.ds = 1 + 2*max(0, math.Sqrt((mu-1)/(dim+1))-1) + m.cs
	m.cc = (4 + mu/dim) / (dim + 4 + 2*mu/dim)
	m.c1 = 2 / ((dim+1.3)*(dim+1.3) + mu)
	m.cmu = min(1-m.c1, 2*(mu-2+1/mu)/((dim+2)*(dim+2)+mu))
	m.chi = math.Sqrt(dim) * (1 - 1/(4*dim) + 1/(21*dim*dim))
	return m
}

// ball is the covariance in which no direction is preferred.
func ball(n int) *mat.SymDense {
	c := mat.NewSymDense(n, nil)
	for i := range n {
		c.SetSym(i, i, 1)
	}
	return c
}

// ask draws the points of the next generation. The first of all is the start.
func (m *cma) ask() [][]float64 {
	m.decompose()
	m.y = nil
	var points [][]float64
	stream := draw.StreamOf("fit", 0)
	for k := range m.lambda {
		z := mat.NewVecDense(m.n, nil)
		for j := range m.n {
			if m.generation > 0 || k > 0 {
				z.SetVec(j, m.d[j]*stream.Normal(m.seed, k*m.n+j, int64(m.generation)))
			}
		}
		y := mat.NewVecDense(m.n, nil)
		y.MulVec(&m.b, z)
		m.y = append(m.y, y.RawVector().Data)
		x := slices.Clone(m.mean)
		floats.AddScaled(x, m.sigma, m.y[k])
		points = append(points, x)
	}
	m.generation++
	return points
}

// decompose finds the axes of the distribution. Where rounding has made an axis
// vanish it keeps a little of it.
func (m *cma) decompose() {
	var e mat.EigenSym
	if !e.Factorize(m.c, true) || floats.HasNaN(e.Values(nil)) {
		m.c = ball(m.n) // it has overflowed, and is learned anew
		e.Factorize(m.c, true)
	}
	m.d = e.Values(nil)
	e.VectorsTo(&m.b)
	floor := 1e-14 * max(m.d[m.n-1], math.SmallestNonzeroFloat64)
	for i, v := range m.d {
		m.d[i] = math.Sqrt(max(v, floor))
	}
	m.sigma = min(m.sigma, mostDeviation/m.d[m.n-1])
}

// tell learns from the objectives of the points asked for, of which less is
// better; +Inf is that of a point that has none.
func (m *cma) tell(objective []float64) {
	if math.IsInf(slices.Min(objective), 1) {
		return
	}
	best := make([]int, m.lambda)
	for k := range best {
		best[k] = k
	}
	slices.SortStableFunc(best, func(a, b int) int { return cmp.Compare(objective[a], objective[b]) })

	step := make([]float64, m.n) // of the mean, in units of sigma
	for i, w := range m.weights {
		floats.AddScaled(step, w, m.y[best[i]])
	}
	floats.AddScaled(m.mean, m.sigma, step)

	// C^(-1/2) step: along the axes, each by its deviation, and back.
	var along, white mat.VecDense
	along.MulVec(m.b.T(), mat.NewVecDense(m.n, step))
	for i, d := range m.d {
		along.SetVec(i, along.AtVec(i)/d)
	}
	white.MulVec(&m.b, &along)
	floats.Scale(1-m.cs, m.ps)
	floats.AddScaled(m.ps, math.Sqrt(m.cs*(2-m.cs)*m.muEff), white.RawVector().Data)
	length := floats.Norm(m.ps, 2)

	// A step size that is about to grow fast would make pc too long.
	stall := 1.0
	if length/math.Sqrt(1-math.Pow(1-m.cs, 2*float64(m.generation))) < (1.4+2/float64(m.n+1))*m.chi {
		stall = 0
	}
	floats.Scale(1-m.cc, m.pc)
	floats.AddScaled(m.pc, (1-stall)*math.Sqrt(m.cc*(2-m.cc)*m.muEff), step)

	m.c.ScaleSym(1-m.c1-m.cmu+stall*m.c1*m.cc*(2-m.cc), m.c)
	m.c.SymRankOne(m.c, m.c1, mat.NewVecDense(m.n, m.pc))
	for i, w := range m.weights {
		m.c.SymRankOne(m.c, m.cmu*w, mat.NewVecDense(m.n, m.y[best[i]]))
	}
	m.sigma *= math.Exp(min(1, m.cs/m.ds*(length/m.chi-1)))
}

// deviation is the largest of the distribution's along any coordinate.
func (m *cma) deviation() float64 {
	most := 0.0
	for i := range m.n {
		most = max(most, m.c.At(i, i))
	}
	return m.sigma * math.Sqrt(most)
}
