"""The gamma network of examples/gamma.yaml in Brian2, written to be fast.

The points of a sweep are networks side by side in one run. s is a variable of the
presynaptic neuron; its sum over a network is a summed variable of one synapse a
neuron, O(N), which all neurons of the network read. float64, exponential Euler.

With --device cpp_standalone it builds a program in --dir, which `DIR/main`, run in
DIR, then repeats. With cython it runs twice and times the second run. Both print JSON.
"""
import argparse
import json
import time

import numpy as np
from brian2 import (
    Network, NeuronGroup, SpikeMonitor, Synapses, defaultclock, linked_var, ms, prefs, set_device,
)
import brian2

VARIABLES = """
V : 1
h : 1
n : 1
s : 1
before : 1
g_max : 1 (linked)
total : 1 (linked)
"""

# Brian2's exponential_euler refuses this model: V is in m too. So a step is written out,
# in one pass over the neurons. As in gpusim, m, the gates
# and the input are held over a step of V, and s advances with the V after it.
STEP = """
before = V
alpha_h = 0.07*exp(-(V + 58)/20)
beta_h = 1/(exp(-0.1*(V + 28)) + 1)
alpha_n = -0.01*(V + 34)/(exp(-0.1*(V + 34)) - 1)
beta_n = 0.125*exp(-(V + 44)/80)
alpha_m = -0.1*(V + 35)/(exp(-0.1*(V + 35)) - 1)
beta_m = 4*exp(-(V + 60)/18)
m = alpha_m/(alpha_m + beta_m)
conductance_Na = 35*m*m*m*h
conductance_K = 9*n*n*n*n
rate_V = conductance_Na + conductance_K + 0.1
inp = 1.2 - g_max*(total - s)*(V + 75)
dV = -conductance_Na*(V - 55) - conductance_K*(V + 90) - 0.1*(V + 65) + inp
rate_h = 5*(alpha_h + beta_h)
rate_n = 5*(alpha_n + beta_n)
h = h + (5*alpha_h - rate_h*h)*(1 - exp(-rate_h*step_ms))/rate_h
n = n + (5*alpha_n - rate_n*n)*(1 - exp(-rate_n*step_ms))/rate_n
V = V + dV*(1 - exp(-rate_V*step_ms))/rate_V
T = 1/(1 + exp(-0.5*V))
rate_s = 12*T + 0.1
s = s + (12*T - rate_s*s)*(1 - exp(-rate_s*step_ms))/rate_s
"""


def build(start, strengths, dt):
    """Returns the network and its spikes. Each point starts from the same V."""
    defaultclock.dt = dt * ms
    size, points = len(start), len(strengths)
    index = np.repeat(np.arange(points), size)
    networks = NeuronGroup(points, "total : 1\ng_max : 1", name="networks")
    neurons = NeuronGroup(size * points, VARIABLES, threshold="V >= 0 and before < 0", reset="",
                          namespace={"step_ms": dt}, name="neurons")
    neurons.total = linked_var(networks, "total", index=index)
    neurons.g_max = linked_var(networks, "g_max", index=index)
    neurons.run_regularly(STEP, when="groups", name="advance")
    sums = Synapses(neurons, networks, "total_post = s_pre : 1 (summed)", name="sums")
    sums.connect(i=np.arange(size * points), j=index)
    for updater in sums.summed_updaters.values():
        updater.when = "start"  # before the neurons of the step
    networks.g_max = strengths
    V = np.tile(start, points)
    neurons.V = V
    a, b = 0.07 * np.exp(-(V + 58) / 20), 1 / (np.exp(-0.1 * (V + 28)) + 1)
    neurons.h = a / (a + b)
    a, b = -0.01 * (V + 34) / (np.exp(-0.1 * (V + 34)) - 1), 0.125 * np.exp(-(V + 44) / 80)
    neurons.n = a / (a + b)
    spikes = SpikeMonitor(neurons, name="spikes")
    return Network(networks, neurons, sums, spikes), spikes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=["cpp_standalone", "cython"], default="cpp_standalone")
    parser.add_argument("--start", required=True, help="file of V, float64")
    parser.add_argument("--g-max", required=True, help="file of g_max of the points, float64")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--dt", type=float, default=0.04)
    parser.add_argument("--threads", type=int, default=1, help="cpp_standalone: threads of OpenMP")
    parser.add_argument("--dir", default="brian2", help="cpp_standalone: the folder to build in")
    args = parser.parse_args()
    start, g_max = np.fromfile(args.start), np.fromfile(args.g_max)
    duration = args.steps * args.dt * ms
    out = {"brian2": brian2.__version__}

    if args.device == "cpp_standalone":
        if args.threads > 1:
            prefs.devices.cpp_standalone.openmp_threads = args.threads
        set_device("cpp_standalone", build_on_run=False)
        net, _ = build(start, g_max, args.dt)
        net.run(duration)
        began = time.time()
        brian2.device.build(directory=args.dir, compile=True, run=False)
        out["built_seconds"] = time.time() - began
    else:
        prefs.codegen.target = "cython"
        net, spikes = build(start, g_max, args.dt)
        net.store()
        net.run(duration)
        net.restore()
        began = time.time()
        net.run(duration)
        out["seconds"] = time.time() - began
        counts = np.bincount(np.asarray(spikes.i), minlength=len(start) * len(g_max))
        out["spikes_per_neuron"] = counts.reshape(len(g_max), -1).tolist()
    print(json.dumps(out))


if __name__ == "__main__":
    main()
