package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"gpusim/cpuref"
	"gpusim/network"
)

// leaky is a small network whose numbers are exact: V moves by a whole number
// of sixteenths.
const leaky = `gpusim: 1
name: leaky
dt: 0.5
constants: {I0: 4}
models:
  m:
    kind: neuron
    method: euler
    parameters: {tau: 8, th: 2}
    state: {V: 0}
    input: I
    equations: dV/dt = (I - V)/tau
    spike: V >= th
    reset: V = 0
  s: {kind: synapse, parameters: {w: 4, tau: 4}, state: {x: 0}, method: euler, equations: dx/dt = -x/tau, on_pre: x += 1, output: post.I += w*x}
populations:
  a: {model: m, size: 3, record: [spikes, {V: {every: 4}}]}
  b: {model: m, size: 2}
projections:
  ab: {model: s, from: a, to: b, connect: {all_to_all: {}}, delay: 1}
inputs: [{to: a.I, value: I0 + i}]
run: {duration: 10, seed: 1}
measure: [{rate: {of: a}}, {isi_cv: {of: b}}]
sweep: {I0: {values: [2, 4, 8]}}
`

// fakeInfo is the float64 engine under a name that does not depend on the machine.
type fakeInfo struct{ network.Device }

func (fakeInfo) Info() network.DeviceInfo {
	return network.DeviceInfo{Device: "a processor", Driver: "none", Engine: "cpu", Precision: "float64"}
}

// open opens devices for tests.
func open(name, plan string, note func(string)) (network.Device, error) {
	switch {
	case plan != "":
		return nil, errors.New("no such plan")
	case name == "gpu":
		return nil, errors.New("glctx: no OpenGL 4.3")
	case name == "auto":
		note("no OpenGL 4.3 here")
	}
	return fakeInfo{cpuref.New()}, nil
}

var options = Options{Version: "test", Open: open, Memory: 1 << 26, Tell: time.Hour}

// talk gives the lines that are answered to a text, but the first.
func talk(t testing.TB, ctx context.Context, text string) ([]string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Serve(ctx, strings.NewReader(text), &out, options)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if want := `{"gpusim_protocol":1,"gpusim":"test","ops":[`; !strings.HasPrefix(lines[0], want) {
		t.Errorf("the first line is %s, want %s...", lines[0], want)
	}
	return lines[1:], err
}

// loadLine is the request that loads a network by its text.
func loadLine(text string) string {
	quoted, _ := json.Marshal(text)
	return `{"id":0,"op":"load","device":"cpu","text":` + string(quoted) + "}\n"
}
