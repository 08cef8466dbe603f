package gamma

import (
	"math"
	"testing"
)

// TestOthers compares the device with the float64 engine on the same network
// with other sizes, steps, inputs and starts than golden's, which has none of
// them: V is drawn in all but where it says otherwise. Couplings are those of
// golden's, 0.05/N to 0.15/N: above 0.2/N the network may split into clusters,
// and then a start that is 1e-7 mV off has other spikes, in float64 too.
func TestOthers(t *testing.T) {
	const drawn, constant = `"uniform(-70, -50)"`, "{to: interneurons.inp, value: 1.2}"
	var sum tally
	for _, test := range []struct {
		name   string
		flags  []string
		oldNew []string
	}{
		{"N=37", []string{"--seed", "2", "--set", "interneurons.size=37"}, nil},
		{"N=64", []string{"--seed", "3", "--set", "interneurons.size=64"}, nil},
		{"N=150", []string{"--seed", "4", "--set", "interneurons.size=150"}, nil},
		{"N=64 dt=0.02", []string{"--seed", "5", "--set", "interneurons.size=64", "--set", "dt=0.02"}, nil},
		{"N=37 dt=0.05", []string{"--seed", "6", "--set", "interneurons.size=37", "--set", "dt=0.05"}, nil},
		{"input 0.8", []string{"--seed", "8", "--set", "inputs.0.value=0.8"}, nil},
		{"input 2.0", []string{"--seed", "9", "--set", "inputs.0.value=2.0"}, nil},
		{"input per neuron", []string{"--seed", "10"}, []string{constant, "{to: interneurons.inp, value: {per_neuron: file(neurons.npy)}}"}},
		{"input per time", []string{"--seed", "11"}, []string{constant, "{to: interneurons.inp, value: {per_time: file(times.npy), every: 1.0}}"}},
		{"strong coupling", []string{"--seed", "13", "--set", "gaba.g_max=0.15/N_pre"}, nil},
		{"normal start", []string{"--seed", "14"}, []string{drawn, `"normal(-60, 5)"`}},
		{"ordered start", nil, []string{drawn, "-70 + 20*i/N"}},
		{"other seed", []string{"--seed", "123456789"}, nil},
		{"later clock", []string{"--seed", "15", "--from", "1000", "--to", "1300"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			var neurons, times []float64
			for i := range 100 {
				neurons = append(neurons, 1+0.4*float64(i)/99)
			}
			for k := range 300 {
				times = append(times, 1.2+0.4*math.Sin(2*math.Pi*float64(k)/100))
			}
			array(t, dir, "neurons", neurons)
			array(t, dir, "times", times)
			variant(t, dir, test.oldNew...)
			flags := append([]string{"--to", "300"}, test.flags...)
			got := run(t, dir, append(flags, "--device", "gpu")...)
			want := run(t, dir, append(flags, "--device", "cpu")...)
			against(t, float32Limits, got, want, &sum)
		})
	}
	float32Limits.tally(t, "all", sum)
}

// against compares two runs of one network.
func against(t *testing.T, l limits, got, want left, sum *tally) {
	t.Helper()
	if got.size != want.size {
		t.Fatalf("%d and %d neurons", got.size, want.size)
	}
	l.spikes(t, "gpu", got.spikes, want.spikes, want.size, sum)
	for name, x := range want.measures {
		l.near(t, name, got.measures[name], x, map[string]float64{"cross_correlation": l.cc, "voltage_fluctuation": l.fluctuation}[name])
	}
	rows := 0
	for _, s := range want.rows {
		if float64(s-want.rows[0]) < 100/want.dt {
			rows++
		}
	}
	l.voltage(t, "gpu", got.V[:rows*got.size], want.V[:rows*want.size])
	t.Logf("%d spikes, cross-correlation %.4f and %.4f, voltage fluctuation %.6f and %.6f", len(want.spikes),
		got.measures["cross_correlation"], want.measures["cross_correlation"], got.measures["voltage_fluctuation"], want.measures["voltage_fluctuation"])
}
