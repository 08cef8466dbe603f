package golden

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Manifest is manifest.json.
type Manifest struct {
	// Model is the gamma network's parameters by name.
	Model map[string]float64
	// Cases is the parameters of each case by name: tiny3_exponential, n100
	// and so on.
	Cases map[string]Parameters
	// Arrays describes each array by name.
	Arrays map[string]Array
}

// Array describes one stored array, which is in C order.
type Array struct {
	File   string
	Dtype  string
	Shape  []int
	Order  string
	SHA256 string
	Note   string

	// Stride is the number of steps between two rows of a trace: row r is the
	// state after the update of step r*Stride. It is 0 for other arrays.
	Stride int
	// Bounds is the times in ms at which a run in pieces was cut, if it was.
	Bounds []float64
}

// Parameters is what a case ran with, and some of what came of it. A field that
// a case does not have is zero.
type Parameters struct {
	N        int
	Seed     int
	GMax     float64 `json:"g_max"`
	Dt       float64 // ms
	Method   string
	Duration float64   // ms
	Bounds   []float64 // ms; the pieces of a run in pieces
	Iext     float64   // the constant input
	BinSize  int       `json:"bin_size"` // steps; of the cross-correlation
	CCBin    int       `json:"cc_bin"`   // steps; its name in the LIF cases

	// Table is a row for each point of a sweep over g_max.
	Table []Row

	// CC is the cross-correlation of each piece of a run; one value where the
	// run has one piece.
	CC Floats
	// NSteps is the number of steps of each piece.
	NSteps Ints `json:"n_steps"`
	// ArrayInputFromChunk is the first piece in which the input is one value a
	// neuron instead of a scalar.
	ArrayInputFromChunk int `json:"array_input_from_chunk"`

	NumExc  int     `json:"num_exc"`
	NumInh  int     `json:"num_inh"`
	NExcSyn int     `json:"n_exc_syn"`
	NInhSyn int     `json:"n_inh_syn"`
	JE      float64 // weight of the excitatory synapses
	JI      float64 // weight of the inhibitory synapses, subtracted
	Delay   float64 // ms
	// DelayLen is the delay in steps.
	DelayLen int `json:"delay_len"`
	// Params is the neuron's and the synapse's parameters by name.
	Params  map[string]float64
	NSpikes int `json:"n_spikes"`
}

// Row is one point of a sweep.
type Row struct {
	GMax               float64 `json:"g_max"`
	CC                 float64
	NSpikes            int     `json:"n_spikes"`
	VoltageFluctuation float64 `json:"voltage_fluctuation"`
}

// Floats is one number or several in the manifest.
type Floats []float64

// UnmarshalJSON implements json.Unmarshaler.
func (f *Floats) UnmarshalJSON(b []byte) (err error) {
	*f, err = oneOrMore[float64](b)
	return err
}

// Ints is one integer or several in the manifest.
type Ints []int

// UnmarshalJSON implements json.Unmarshaler.
func (f *Ints) UnmarshalJSON(b []byte) (err error) {
	*f, err = oneOrMore[int](b)
	return err
}

func oneOrMore[T any](b []byte) ([]T, error) {
	var one T
	if json.Unmarshal(b, &one) == nil {
		return []T{one}, nil
	}
	var several []T
	err := json.Unmarshal(b, &several)
	return several, err
}

// Spike is one spike: the step whose update ended above threshold, and the
// neuron.
type Spike struct {
	Step   int64
	Neuron int32
}

// Dir returns the folder that holds the data.
func Dir() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		panic("golden: no caller information")
	}
	return filepath.Join(filepath.Dir(file), "..", "testdata", "golden")
}

var manifest = sync.OnceValues(func() (*Manifest, error) {
	b, err := os.ReadFile(filepath.Join(Dir(), "manifest.json"))
	if err != nil {
		return nil, err
	}
	m := new(Manifest)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	return m, nil
})

// LoadManifest returns the manifest, which must not be changed.
func LoadManifest(tb testing.TB) *Manifest {
	tb.Helper()
	m, err := manifest()
	if err != nil {
		tb.Fatalf("golden: %v", err)
	}
	return m
}

// Case returns what the named case ran with.
func Case(tb testing.TB, name string) Parameters {
	tb.Helper()
	c, ok := LoadManifest(tb).Cases[name]
	if !ok {
		tb.Fatalf("golden: no case %q in the manifest", name)
	}
	return c
}

// Float64 returns the named float64 array and its shape.
func Float64(tb testing.TB, name string) (data []float64, shape []int) {
	tb.Helper()
	b, a := load(tb, name, "float64")
	data = make([]float64, len(b)/8)
	for i := range data {
		data[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return data, a.Shape
}

// Int32 returns the named int32 array and its shape.
func Int32(tb testing.TB, name string) (data []int32, shape []int) {
	tb.Helper()
	b, a := load(tb, name, "int32")
	data = make([]int32, len(b)/4)
	for i := range data {
		data[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return data, a.Shape
}

// Spikes returns the named array of spikes, sorted by step, then by neuron.
func Spikes(tb testing.TB, name string) []Spike {
	tb.Helper()
	data, shape := Int32(tb, name)
	if len(shape) != 2 || shape[1] != 2 {
		tb.Fatalf("golden: %s has shape %v, which is no list of spikes", name, shape)
	}
	spikes := make([]Spike, shape[0])
	for i := range spikes {
		spikes[i] = Spike{Step: int64(data[2*i]), Neuron: data[2*i+1]}
	}
	return spikes
}

// Split returns the steps and the neurons of spikes as two slices.
func Split(spikes []Spike) (steps []int64, neurons []int32) {
	steps = make([]int64, len(spikes))
	neurons = make([]int32, len(spikes))
	for i, s := range spikes {
		steps[i], neurons[i] = s.Step, s.Neuron
	}
	return steps, neurons
}

func load(tb testing.TB, name, dtype string) ([]byte, Array) {
	tb.Helper()
	a, ok := LoadManifest(tb).Arrays[name]
	if !ok {
		tb.Fatalf("golden: no array %q in the manifest", name)
	}
	b, err := os.ReadFile(filepath.Join(Dir(), a.File))
	if err == nil {
		err = a.check(b, dtype)
	}
	if err != nil {
		tb.Fatalf("golden: %s: %v", name, err)
	}
	return b, a
}

// check reports how the bytes b differ from what a says and the caller expects.
func (a Array) check(b []byte, dtype string) error {
	if a.Dtype != dtype {
		return fmt.Errorf("holds %s, not %s", a.Dtype, dtype)
	}
	if a.Order != "C" {
		return fmt.Errorf("order %q, want C", a.Order)
	}
	var size int
	switch dtype {
	case "float64":
		size = 8
	case "int32":
		size = 4
	default:
		return fmt.Errorf("unknown type %s", dtype)
	}
	for _, n := range a.Shape {
		size *= n
	}
	if len(b) != size {
		return fmt.Errorf("%d bytes, want %d for shape %v of %s", len(b), size, a.Shape, dtype)
	}
	sum := sha256.Sum256(b)
	if !strings.HasPrefix(hex.EncodeToString(sum[:]), a.SHA256) {
		return errors.New("the SHA-256 is not the manifest's " + a.SHA256)
	}
	return nil
}
