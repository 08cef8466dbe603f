package promises

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"gpusim/model/npy"
	"gpusim/tests/gamma/command"
)

// withArrays reads arrays wherever a network file may: starting values,
// parameters of neurons and of synapses, pairs, and inputs of every shape. Two of
// its arrays have one name, in two folders.
const withArrays = `gpusim: 1
dt: 0.1
method: exponential_euler
models:
  decay:
    kind: synapse
    parameters: {w: 1, tau: 4}
    state: {s: 0}
    equations: ds/dt = -s/tau
    on_pre: s += 1
    output: post.inp += w*s
  kick: {kind: synapse, parameters: {w: 0.3}, on_pre: post.V += w}
populations:
  cells:
    model: lif
    size: 30
    groups: {E: [0, 24], I: [24, 30]}
    parameters: {tau: file(arrays/tau.npy)}
    init: {V: file(arrays/v.npy)}
    record: [spikes, {V: {every: 5, of: ["0:3", I]}}, {inp: {mean: true}}]
projections:
  exc: {model: decay, from: cells.E, to: cells, connect: {pairs: {pre: file(arrays/pre.npy), post: file(arrays/post.npy)}}, parameters: {w: file(arrays/w.npy)}, init: {s: file(more/v.npy)}, delay: 1.2, record: [{s: {every: 50}}]}
  inh: {model: decay, from: cells.I, to: cells.E, connect: {fixed_probability: {p: 0.4}}, parameters: {w: "-uniform(0, 2)"}, delay: 0.5}
  hit: {model: kick, from: cells.E, to: cells.I, connect: {fixed_probability: {p: 0.2, seed: 9}}, delay: 2}
inputs:
  - {to: cells.inp, value: {per_neuron: file(arrays/drive.npy)}}
  - {to: cells.E.inp, value: {per_time: file(arrays/beat.npy), every: 2}, until: 20}
  - {to: cells.I.inp, value: {per_time_and_neuron: file(arrays/both.npy), every: 4}, op: subtract}
  - {to: cells.inp, value: 1 + sin(t/5), from: 3}
run: {start: 2, duration: 24, seed: 6}
measure: [{rate: {of: cells.E}}, {rate: {of: cells.I}}]
sweep: {inputs.3.value: {values: [0.5, 2]}, inh.tau: {values: [3, 5]}}
`

// writeArrays writes the files that withArrays reads.
func writeArrays(t *testing.T, dir string) {
	t.Helper()
	for _, sub := range []string{"arrays", "more"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name string, shape []int, at func(i int) float64) {
		n := 1
		for _, k := range shape {
			n *= k
		}
		data := make([]float64, n)
		for i := range data {
			data[i] = at(i)
		}
		if err := npy.Write(filepath.Join(dir, name), shape, data); err != nil {
			t.Fatal(err)
		}
	}
	write("arrays/tau.npy", []int{30}, func(i int) float64 { return 8 + float64(i)/10 })
	write("arrays/v.npy", []int{30}, func(i int) float64 { return -65 + float64(i)/2 })
	write("arrays/pre.npy", []int{90}, func(i int) float64 { return float64(i * 7 % 24) })
	write("arrays/post.npy", []int{90}, func(i int) float64 { return float64(i * 11 % 30) })
	write("arrays/w.npy", []int{90}, func(i int) float64 { return float64(i%5) / 7 })
	write("more/v.npy", []int{90}, func(i int) float64 { return float64(i%4) / 3 })
	write("arrays/drive.npy", []int{30}, func(i int) float64 { return 15 + float64(i)/9 })
	write("arrays/beat.npy", []int{12}, func(i int) float64 { return float64(i % 3) })
	write("arrays/both.npy", []int{6, 6}, func(i int) float64 { return float64(i%7) / 3 })
}

// TestArraysRunAgain: what a run of a network with arrays leaves runs again to the
// same bits from another folder, the arrays being gone from where they were; and so
// does what a sweep leaves.
func TestArraysRunAgain(t *testing.T) {
	for _, device := range []string{"gpu", "cpu"} {
		for kind, files := range map[string][]string{"run": {"spikes.npz", "state.npz", "traces.npz"}, "sweep": {"sweep.csv"}} {
			t.Run(kind+"/"+device, func(t *testing.T) {
				here, there := t.TempDir(), t.TempDir()
				writeArrays(t, here)
				if err := os.WriteFile(filepath.Join(here, "net.yaml"), []byte(withArrays), 0o666); err != nil {
					t.Fatal(err)
				}
				out := filepath.Join(there, "out")
				command.MustRun(t, there, kind, filepath.Join(here, "net.yaml"), "--device", device, "--quiet", "--out", out, "--set", "cells.V=@"+filepath.Join(here, "more", "..", "arrays", "v.npy"))
				if err := os.RemoveAll(here); err != nil {
					t.Fatal(err)
				}
				command.MustRun(t, out, kind, "network.yaml", "--device", device, "--quiet", "--out", "again", "--pieces", "3")
				for _, name := range files {
					var text [2][]byte
					for k, dir := range []string{out, filepath.Join(out, "again")} {
						var err error
						if text[k], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
							t.Fatal(err)
						}
					}
					if !bytes.Equal(text[0], text[1]) {
						t.Errorf("%s differs", name)
					}
				}
				if kind == "run" {
					z, err := npy.ReadArchive(filepath.Join(out, "spikes.npz"))
					if err != nil {
						t.Fatal(err)
					}
					if n := z["cells.step"].Shape[0]; n < 30 {
						t.Errorf("%d spikes are too few to tell", n)
					}
				}
			})
		}
	}
}
