package engines

// The networks of these tests. None is an example of the project: the
// compiler must not know any of them.

// renamed is the gamma network with other names for everything.
const renamed = `
gpusim: 1
name: renamed
dt: 0.04
method: exponential_euler
models:
  cellules:
    kind: neuron
    parameters: {Cap: 1, a1: 35, b1: 55, a2: 9, b2: -90, a3: 0.1, b3: -65, q10: 5, seuil: 0}
    state: {u: -55, p: 0, q: 0}
    input: courant
    equations: |
      dp/dt = q10*(0.07*exp(-(u + 58)/20)*(1 - p) - 1/(exp(-0.1*(u + 28)) + 1)*p)
      an = -0.01*(u + 34)/(exp(-0.1*(u + 34)) - 1)
      dq/dt = q10*(an*(1 - q) - 0.125*exp(-(u + 44)/80)*q)
      am = -0.1*(u + 35)/(exp(-0.1*(u + 35)) - 1)
      w = am/(am + 4*exp(-(u + 60)/18))
      du/dt = (-a1*w*w*w*p*(u - b1) - a2*q**4*(u - b2) - a3*(u - b3) + courant)/Cap
    spike: u >= seuil
  liaison:
    kind: synapse
    parameters: {k1: 12, k2: 0.1, rev: -75, mid: 0, g: 0.001}
    state: {r: 0}
    equations: |
      dr/dt = k1/(1 + exp(-(pre.u - mid)/2))*(1 - r) - k2*r
    output: post.courant -= g*r*(post.u - rev)
populations:
  foule: {model: cellules, size: 17, init: {u: "uniform(-70, -50)", p: 0.6, q: 0.3}, record: [spikes]}
projections:
  tous: {model: liaison, from: foule, to: foule, connect: {all_to_all: {self: false}}, parameters: {g: 0.1/N_pre}}
inputs: [{to: foule.courant, value: 1.2}]
run: {duration: 100, seed: 7}
`

// both has two populations with projections both ways: all to all with self,
// one to one, and pairs, of which one has weights for each synapse.
const both = `
gpusim: 1
name: both ways
dt: 0.05
method: exponential_euler
models:
  fhn:
    kind: neuron
    parameters: {eps: 0.08, a: 0.7, b: 0.8, th: 1}
    state: {v: -1, w: -0.5}
    input: [drive, extra]
    equations: |
      dv/dt = v - v**3/3 - w + drive + extra
      dw/dt = eps*(v + a - b*w)
    spike: v > th
  smooth:
    kind: synapse
    parameters: {tau: 3, w: 0.1, sh: 0.2}
    state: {s: 0}
    equations: ds/dt = (1/(1 + exp(-pre.v/sh)) - s)/tau
    output: post.drive += w*s
  gap:
    kind: synapse
    parameters: {g: 0.02}
    output: post.extra += g*(pre.v - post.v)
populations:
  A: {model: fhn, size: 20, init: {v: "normal(-1, 0.3)", w: "uniform(-0.6, -0.4)"}, record: [spikes, v]}
  B: {model: fhn, size: 33, parameters: {eps: "uniform(0.06, 0.1)"}, init: {v: "normal(-1, 0.3)"}, record: [spikes]}
projections:
  AB: {model: smooth, from: A, to: B, connect: {all_to_all: {}}, parameters: {w: "uniform(-0.02, 0.03)"}, record: [s]}
  BA: {model: smooth, from: B, to: A, connect: {pairs: [[0, 1], [0, 1], [3, 19], [32, 0], [31, 19], [5, 5], [7, 7]]}, parameters: {w: 0.2}}
  AA: {model: gap, from: A, to: A, connect: {one_to_one: {}}, parameters: {g: 0.5}}
  BB: {model: gap, from: B, to: B, connect: {all_to_all: {self: false}}, parameters: {g: 0.3/N_pre}}
inputs: [{to: A.drive, value: 0.5}, {to: B.drive, value: 0.6}]
run: {duration: 100, seed: 3}
`

// five has a neuron of five states (Connor and Stevens 1971 as Dayan and
// Abbott give it, fig. 6.1, in part) with synapses that have state of their
// own each: their rates depend on the post neuron.
const five = `
gpusim: 1
name: five states
dt: 0.02
method: exponential_euler
models:
  connor:
    kind: neuron
    parameters: {gL: 0.3, EL: -17, gNa: 120, ENa: 55, gK: 20, EK: -72, gA: 47.7, EA: -75}
    state: {V: -68, m: 0.01, h: 0.97, n: 0.16, a: 0.54}
    input: I
    equations: |
      am = 0.38*(V + 29.7)/(1 - exp(-0.1*(V + 29.7)))
      bm = 15.2*exp(-0.0556*(V + 54.7))
      ah = 0.266*exp(-0.05*(V + 48))
      bh = 3.8/(1 + exp(-0.1*(V + 18)))
      an = 0.02*(V + 45.7)/(1 - exp(-0.1*(V + 45.7)))
      bn = 0.25*exp(-0.0125*(V + 55.7))
      ainf = (0.0761*exp(0.0314*(V + 94.22))/(1 + exp(0.0346*(V + 1.17))))**0.3333
      taua = 0.3632 + 1.158/(1 + exp(0.0497*(V + 55.96)))
      dm/dt = am*(1 - m) - bm*m
      dh/dt = ah*(1 - h) - bh*h
      dn/dt = an*(1 - n) - bn*n
      da/dt = (ainf - a)/taua
      dV/dt = -gL*(V - EL) - gNa*m**3*h*(V - ENa) - gK*n**4*(V - EK) - gA*a**3*0.05*(V - EA) + I
    spike: V >= -20
  nmda_like:
    kind: synapse
    parameters: {g: 0.01, tau: 5}
    state: {s: 0, x: 0}
    equations: |
      open = 1/(1 + exp(-(pre.V + 20)/3))
      unblocked = 1/(1 + exp(-0.062*post.V)/3.57)
      dx/dt = open*(1 - x) - x/tau
      ds/dt = unblocked*x*(1 - s) - s/(2*tau)
    output: post.I -= g*s*unblocked*post.V
populations:
  P: {model: connor, size: 15, init: {V: -68 + i/5}, record: [spikes, {V: {every: 7}}]}
projections:
  PP: {model: nmda_like, from: P, to: P, connect: {all_to_all: {self: false}}, record: [{s: {every: 50}}]}
inputs: [{to: P.I, value: 10}]
run: {duration: 60, seed: 5}
`

// integrate has neurons with a reset and a refractory time that differs from
// neuron to neuron, held equations, and quantities in the reset.
const integrate = `
gpusim: 1
name: integrate and fire
dt: 0.1
method: euler
models:
  adaptive:
    kind: neuron
    parameters: {tau: 10, tw: 40, b: 0.4, rest: -65, up: -50, back: -60, ref: 3}
    state: {V: -65, w: 0}
    input: I
    equations: |
      gap = up - V
      dV/dt = (rest - V - w + I)/tau (unless refractory)
      dw/dt = -w/tw
    spike: V >= up
    reset: V = back - 0.1*gap; w += b
    refractory: ref
  spread:
    kind: synapse
    parameters: {w: 0.02}
    output: post.I += w*(pre.V + 65)
populations:
  cells: {model: adaptive, size: 40, parameters: {ref: 1 + 0.1*i}, init: {V: "uniform(-65, -50)"}, record: [spikes, V, w, gap]}
projections:
  all: {model: spread, from: cells, to: cells, connect: {all_to_all: {}}}
inputs: [{to: cells.I, value: 18}]
run: {duration: 100, seed: 11}
`

// clocked has synapses that read t: in their state, in an output with and
// without state of the post neuron, and through quantities of both ends.
const clocked = `
gpusim: 1
name: clocked
dt: 0.1
method: euler
models:
  osc:
    kind: neuron
    parameters: {tau: 5}
    state: {v: 0.1, w: 0}
    input: I
    equations: |
      beat = sin(t/3) + v
      dv/dt = (w - v + I)/tau
      dw/dt = (cos(t) - w)/tau
    spike: v > 0.05
  timed:
    kind: synapse
    parameters: {g: 0.1}
    state: {s: 0, x: 0}
    equations: |
      ds/dt = sin(t)*pre.v - s
      dx/dt = cos(t)*pre.v*post.v - x
    output: |
      post.I += g*s*sin(t)*post.v
      post.I += g*x*post.beat + 0.01*pre.beat
  direct:
    kind: synapse
    output: post.I += 0.02*sin(t/2)*pre.v
populations:
  P: {model: osc, size: 19, init: {v: "uniform(-1, 1)"}, record: [spikes, beat]}
projections:
  PP: {model: timed, from: P, to: P, connect: {all_to_all: {self: false}}}
  same: {model: direct, from: P, to: P, connect: {all_to_all: {self: false}}}
  one: {model: direct, from: P, to: P, connect: {one_to_one: {}}}
run: {start: 20, duration: 40, seed: 2}
`
